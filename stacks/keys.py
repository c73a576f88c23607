"""The keys of a stack's configuration: which there are, what each takes, and how a wrong one is told."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from profiles import ProfileName
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from components.access import Role

NAMESPACE = "understudy"

Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=63)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Stamp = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Issuer = Annotated[str, StringConstraints(pattern=r"^[^\s:]+$")]
Subject = Annotated[str, StringConstraints(pattern=r"^[^\s*?]+$")]
Arn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:(iam|sts)::\d{12}:[\w+=,.@/-]+$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+/?$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$")]


class SettingsProblem(ValueError):
    """A setting is wrong or missing. The message is one line: the key's path, the value, how to mend it."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))  # keys and values may hold anything, line ends too


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, strict=True)


class Override(_Strict):
    """A declared difference of one stack from its profile."""

    field: str = Field(description="use a field of Profile in stacks/profiles.py")
    value: Any = Field(description="use a value that the field takes")
    owner: Text = Field(description="say who answers for the difference")
    reason: Text = Field(description="say why the stack differs")
    expires: Day = Field(description="use the last day of the difference, such as 2027-12-31")


class Pipeline(_Strict):
    """Whose tokens take the role of the pipeline."""

    issuer: Issuer = Field(description="use the issuer of the pipeline's tokens, without https://")
    subject: Subject = Field(description="use one subject; {environment} in it stands for the stack")


class Keys(_Strict):
    """The `understudy:` keys. A description says what to use."""

    profile: ProfileName | None = Field(
        None, description="use one of production, staging, development, preview"
    )
    foundation: Label | None = Field(
        None, description="use `own`, or the stack whose network and cluster to share"
    )
    organisation: Label | None = Field(
        None, description="use a-z, 0-9 and single hyphens, a letter first; begins names unique in the world"
    )
    owner: Text | None = Field(None, description="use the team or person that answers for the environment")
    branch: Text | None = Field(None, description="use the branch that the environment was made for")
    commit: Text | None = Field(None, description="use the commit that is deployed")
    release: Text | None = Field(None, description="use what the services report as their release")
    created_at: Stamp | None = Field(None, description="use ISO 8601 in UTC, such as 2026-11-23T22:05:00Z")
    expires_at: Stamp | None = Field(None, description="use ISO 8601 in UTC, such as 2026-11-23T22:05:00Z")
    images: dict[str, Reference] | None = Field(
        None, description="use an object of service: registry/name@sha256:<64 digits>"
    )
    releases: Any = Field(
        None, description="use an object of service: arguments of its Release, see stacks/releases.py"
    )
    issuer: Issuer | None = Field(
        None, description="use the issuer of the cluster's service account tokens, without https://"
    )
    alert_emails: tuple[Email, ...] = Field((), description="use a list of addresses such as ops@example.com")
    account_ids: tuple[AccountId, ...] = Field(
        (), description="use a list of the AWS accounts, of 12 digits, that may be changed"
    )
    principals: dict[Role, tuple[Arn, ...]] = Field(
        {},
        description="use an object of developer, on-call or ci: list of ARNs of IAM users and roles",
    )
    pipeline: Pipeline | None = Field(
        None, description="use an object with the issuer and the subject of the pipeline's tokens"
    )
    overrides: tuple[Override, ...] = Field(
        (), description="use a list of objects with field, value, owner, reason and expires"
    )


KNOWN: Mapping[str, str] = {to_camel(name): one.description or "" for name, one in Keys.model_fields.items()}
"""Each `understudy:` key, without the prefix, and what it takes."""

_JSON = {"images", "releases", "alertEmails", "accountIds", "principals", "pipeline", "overrides"}

AWS_FLAGS = (
    "s3UsePathStyle",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
)
PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "aws": ("endpoints", *AWS_FLAGS),
    "kubernetes": ("context", "kubeconfig"),
}
"""What a stack may tell a provider. Credentials, accounts and tags do not come this way."""


def parse(config: Mapping[str, str]) -> Keys:
    """Read the `understudy:` keys of a stack's configuration; values are text, lists and objects are JSON.

    Raises:
        SettingsProblem: an unknown key, or a value that is none.
    """
    given: dict[str, Any] = {}
    for key, text in of_namespace(config, NAMESPACE).items():
        if key not in KNOWN:
            raise SettingsProblem(_unknown(NAMESPACE, key, KNOWN))
        if text == "" and key not in _JSON:
            continue  # set to nothing is not set
        given[key] = _from_json(f"{NAMESPACE}:{key}", text, KNOWN[key]) if key in _JSON else text
    try:
        return Keys.model_validate_json(json.dumps(given))
    except ValidationError as problem:
        raise SettingsProblem(_line(problem)) from None


def provider_settings(config: Mapping[str, str], package: Literal["aws", "kubernetes"]) -> dict[str, Any]:
    """What the stack tells a provider, by the names that the Python SDK has for them.

    Raises:
        SettingsProblem: a key that is not passed on, or a value that is none.
    """
    found: dict[str, Any] = {}
    for key, text in of_namespace(config, package).items():
        if (package, key) == ("aws", "region"):
            continue
        if key not in PROVIDERS[package]:
            extra = ("region",) if package == "aws" else ()
            raise SettingsProblem(_unknown(package, key, (*extra, *PROVIDERS[package])))
        value: Any = text
        if key in AWS_FLAGS:
            if text not in ("true", "false"):
                raise SettingsProblem(f"{package}:{key} is {text!r}: use true or false")
            value = text == "true"
        elif key == "endpoints":
            value = _endpoints(text)
        found[re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", key)] = value
    return found


def encrypted(key: str) -> str:
    """The line for a setting that is encrypted: it would be in names, tags and labels for all to see."""
    name = key.partition(":")[2]
    return f"{key} is encrypted: settings are no secrets, set it in plain text (pulumi config set {name} …)"


def of_namespace(config: Mapping[str, str], namespace: str) -> dict[str, str]:
    """The keys of one namespace, without its name."""
    prefix = f"{namespace}:"
    return {key.removeprefix(prefix): text for key, text in config.items() if key.startswith(prefix)}


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """` (did you mean …?)` for a name that is not known, or nothing when none is near."""
    by_lower = {one.lower(): one for one in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" (did you mean {by_lower[found[0]]}?)" if found else ""


def _unknown(namespace: str, key: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    close = nearest(key, known)
    mend = close or f"; there are {', '.join(known)}"
    return f"{namespace}:{key} is no key that is known{mend}: correct or remove it"


def _from_json(path: str, text: str, mend: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise SettingsProblem(f"{path} is {_short(text)}: {mend}") from None


def _endpoints(text: str) -> list[dict[str, str]]:
    path, mend = "aws:endpoints", 'use a list such as [{"sqs": "http://127.0.0.1:5000"}]'
    value = _from_json(path, text, mend)
    items = cast("list[Any]", value) if isinstance(value, list) else [None]
    for item in items:
        if not isinstance(item, dict):
            raise SettingsProblem(f"{path} is {_short(text)}: {mend}")
        for service, address in cast("dict[str, Any]", item).items():
            if not isinstance(address, str) or not re.match(r"https?://[^\s/]+/?$", address):
                raise SettingsProblem(f"{path}.{service} is {_short(address)}: use http://host:port")
    return cast("list[dict[str, str]]", items)


def _line(problem: ValidationError) -> str:
    """The first thing that is wrong: path, value, mend; and how many more there are."""
    first = problem.errors(include_url=False)[0]
    path, mend, model = f"{NAMESPACE}:", "", Keys
    for part in first["loc"]:
        if isinstance(part, int):
            path += f"[{part}]"
            continue
        path += part if path.endswith(":") else f".{part}"
        described = next((one for name, one in model.model_fields.items() if to_camel(name) == part), None)
        mend = (described.description if described else None) or mend
        model = {"overrides": Override, "pipeline": Pipeline}.get(part, model)
    more = f" (and {problem.error_count() - 1} more)" if problem.error_count() > 1 else ""
    if first["type"] == "missing":
        return f"{path} is missing: {mend}{more}"
    if first["type"] == "extra_forbidden":
        known = tuple(model.model_fields)
        return f"{path} is not known{nearest(str(first['loc'][-1]), known)}: {mend}{more}"
    return f"{path} is {_short(first['input'])}: {mend}{more}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
