"""The provider's settings: which there are and what they mean for a session."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.endpoints import NAMES, merge
from localcloud.aws.tags import TagRules
from localcloud.fields import Block, Field, Flag, Integer, ListOf, MapOf, Text
from localcloud.resource import LocalError

_ACCOUNT = Text(pattern=r"\d{12}")

SETTINGS: Mapping[str, Field] = {
    "region": Text(),
    "endpoints": ListOf(element=Block(fields={name: Text() for name in sorted(NAMES)})),
    "defaultTags": Block(fields={"tags": MapOf(element=Text())}),
    "ignoreTags": Block(
        fields={"keys": ListOf(element=Text()), "keyPrefixes": ListOf(element=Text())},
    ),
    "accessKey": Text(secret=True),
    "secretKey": Text(secret=True),
    "token": Text(secret=True),
    "profile": Text(),
    "allowedAccountIds": ListOf(element=_ACCOUNT, conflicts=("forbiddenAccountIds",)),
    "forbiddenAccountIds": ListOf(element=_ACCOUNT, conflicts=("allowedAccountIds",)),
    "maxRetries": Integer(minimum=0),
    "s3UsePathStyle": Flag(),
    "skipCredentialsValidation": Flag(),
    "skipMetadataApiCheck": Flag(),
    "skipRegionValidation": Flag(),
    "skipRequestingAccountId": Flag(),
}

# Attempts of one call that is throttled or meets a broken server.
ATTEMPTS = 8


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a session needs to know. Credentials never show in its repr."""

    region: str
    endpoints: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    tag_rules: TagRules = field(default_factory=TagRules)
    access_key: str = field(default="understudy", repr=False)
    secret_key: str = field(default="understudy", repr=False)
    token: str | None = field(default=None, repr=False)
    attempts: int = ATTEMPTS
    allowed_accounts: tuple[str, ...] = ()
    forbidden_accounts: tuple[str, ...] = ()


def read_settings(given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Turn parsed provider settings into `Settings`; what is missing comes from the environment.

    A profile is accepted and not read: the local endpoint needs no credentials, and real ones have no
    business there. Raises LocalError when no region is known.
    """
    environment = os.environ if environment is None else environment
    region = given.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        raise LocalError(
            "provider setting aws:region is not set; run `pulumi config set aws:region eu-central-1` "
            'or `eval "$(understudy env)"`'
        )
    ignored = given.get("ignoreTags") or {}
    return Settings(
        region=region,
        endpoints=merge(given.get("endpoints") or []),
        environment={key: value for key, value in environment.items() if key.startswith("AWS_ENDPOINT_URL")},
        tag_rules=TagRules(
            defaults=(given.get("defaultTags") or {}).get("tags") or {},
            ignored_keys=frozenset(ignored.get("keys") or ()),
            ignored_prefixes=tuple(ignored.get("keyPrefixes") or ()),
        ),
        access_key=given.get("accessKey") or environment.get("AWS_ACCESS_KEY_ID") or "understudy",
        secret_key=given.get("secretKey") or environment.get("AWS_SECRET_ACCESS_KEY") or "understudy",
        token=given.get("token") or environment.get("AWS_SESSION_TOKEN"),
        attempts=max(1, min(given.get("maxRetries") or ATTEMPTS, 25)),
        allowed_accounts=tuple(given.get("allowedAccountIds") or ()),
        forbidden_accounts=tuple(given.get("forbiddenAccountIds") or ()),
    )
