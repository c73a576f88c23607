"""Settings: the only place that reads configuration, the environment and the working copy.

What is read, first found wins:

| setting | from |
|---|---|
| profile | `understudy:profile`, the stack's name |
| region | `aws:region`, `AWS_REGION`, the profile |
| endpoint | `aws:endpoints`, `AWS_ENDPOINT_URL`, none |
| owner, branch, commit | `understudy:…`, git, `unknown` |
| created_at, expires_at | `understudy:createdAt`, `understudy:expiresAt`, set once with the stack |
| images | `understudy:images`, `build/images.json` |
| releases | `understudy:releases`, none |
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import pulumi
from profiles import OVERLAYS, Profile, profile_of, resolve
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from releases import BadRelease
from releases import parse as parse_releases

from components.context import Context
from components.naming import NameProblem, parse_stack_name
from components.services import Release

ROOT = Path(__file__).resolve().parent.parent
IMAGES_FILE = Path("build/images.json")
SERVICES = ("orders", "pricing")

Reference = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$")]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Stamp = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+/?$")]


class Settings(BaseModel):
    """Everything that the topology is told from outside."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    organisation: Label
    project: Label
    environment: str
    profile_name: str
    profile: Profile
    region: Region
    owner: str = Field(min_length=1)
    branch: str = Field(min_length=1)
    commit: str = Field(min_length=1)
    release: str = Field(min_length=1)
    created_at: Stamp | None = None
    expires_at: Stamp | None = None
    images: dict[str, Reference]
    issuer: str = Field(pattern=r"^[^\s:]+$")
    """Issuer of the cluster's service account tokens, without `https://`."""
    alert_emails: tuple[str, ...] = ()
    releases: dict[str, Release] = Field(default_factory=dict[str, Release])
    """The release of each service that has one under way."""
    aws_endpoint: Url | None = None
    """Where services reach AWS's API, when it is not at AWS's own addresses."""
    aws_provider: dict[str, Any]
    """Settings of the AWS provider that come from the stack's `aws:` configuration."""
    kubernetes_provider: dict[str, Any]
    """Settings of the Kubernetes provider that come from the stack's `kubernetes:` configuration."""

    @property
    def context(self) -> Context:
        """The environment's identity, as components take it."""
        return Context(
            organisation=self.organisation,
            project=self.project,
            environment=self.environment,
            profile=self.profile_name,
            owner=self.owner,
            branch=self.branch,
            commit=self.commit,
            release=self.release,
            created_at=self.created_at,
            expires_at=self.expires_at,
        )


def load(environ: Mapping[str, str] | None = None, root: Path = ROOT) -> Settings:
    """Read the settings of the stack that is running.

    Raises:
        pulumi.RunError: a setting is missing or wrong; one line that says which, and how to mend it.
    """
    environ = os.environ if environ is None else environ
    stack = pulumi.get_stack()
    config = pulumi.Config("understudy")
    try:
        environment = parse_stack_name(stack)
    except NameProblem as problem:
        raise pulumi.RunError(str(problem)) from None
    name = config.get("profile") or profile_of(environment)
    if name not in OVERLAYS:
        known = ", ".join(OVERLAYS)
        raise pulumi.RunError(
            f"understudy:profile is {name!r}: use one of {known} (pulumi config set profile …)"
        )
    profile = resolve(name)
    aws = _provider_settings("aws", ("endpoints", *_AWS_FLAGS))
    git = _Git(root)
    values: dict[str, Any] = {
        "organisation": config.get("organisation") or "example",
        "project": pulumi.get_project(),
        "environment": environment,
        "profile_name": name,
        "profile": profile,
        "region": pulumi.Config("aws").get("region") or environ.get("AWS_REGION") or profile.region,
        "owner": config.get("owner") or git.ask("config", "user.name") or "unknown",
        "branch": config.get("branch") or git.ask("rev-parse", "--abbrev-ref", "HEAD") or "unknown",
        "commit": config.get("commit") or git.ask("rev-parse", "--short=12", "HEAD") or "unknown",
        "release": config.get("release") or "unreleased",
        "created_at": config.get("createdAt"),
        "expires_at": config.get("expiresAt"),
        "images": _images(config, root),
        "issuer": config.get("issuer") or "kubernetes.default.svc.cluster.local",
        "alert_emails": tuple(cast("list[str]", config.get_object("alertEmails") or [])),
        "aws_endpoint": _endpoint(aws.get("endpoints")) or environ.get("AWS_ENDPOINT_URL") or None,
        "aws_provider": aws,
        "kubernetes_provider": _provider_settings("kubernetes", ("context", "kubeconfig")),
    }
    try:
        releases = parse_releases(config.get_object("releases"), SERVICES)
        return Settings(**values, releases=releases)
    except BadRelease as problem:
        raise pulumi.RunError(str(problem)) from None
    except ValidationError as problem:
        raise pulumi.RunError(_one_line(problem)) from None


_AWS_FLAGS = (
    "s3UsePathStyle",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
)


def _provider_settings(package: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """The stack's settings for a provider, by the names that the Python SDK has for them."""
    config = pulumi.Config(package)
    found: dict[str, Any] = {}
    for key in keys:
        text = config.get(key)
        if text is None:
            continue
        try:
            value = json.loads(text) if key == "endpoints" or key in _AWS_FLAGS else text
        except json.JSONDecodeError:
            raise pulumi.RunError(f"{package}:{key} is {text!r}: use JSON, such as true") from None
        found[re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", key)] = value
    return found


def _endpoint(endpoints: Any) -> str | None:
    """The address of AWS's API in `aws:endpoints`; the services use the one for SQS, else the first."""
    if endpoints is None:
        return None
    if isinstance(endpoints, list) and all(isinstance(item, dict) for item in cast("list[Any]", endpoints)):
        merged: dict[str, Any] = {}
        for item in cast("list[dict[str, Any]]", endpoints):
            merged |= item
        address = merged.get("sqs") or next(iter(merged.values()), None)
        return str(address) if address else None
    raise pulumi.RunError('aws:endpoints is no list of objects: use [{"sqs": "http://127.0.0.1:5000", …}]')


def _images(config: pulumi.Config, root: Path) -> dict[str, str]:
    """The reference of each service's image, from the configuration, else from the last build."""
    images = cast("dict[str, str] | None", config.get_object("images"))
    if images is None:
        try:
            built = json.loads((root / IMAGES_FILE).read_text(encoding="utf-8"))
            images = {name: entry["reference"] for name, entry in built.items()}
        except FileNotFoundError:
            raise pulumi.RunError(f"{IMAGES_FILE} is missing: build the images with `make images`") from None
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError):
            raise pulumi.RunError(f"{IMAGES_FILE} is damaged: build it again with `make images`") from None
    missing = [name for name in SERVICES if name not in images]
    if missing:
        raise pulumi.RunError(
            f"no image for {', '.join(missing)}: build with `make images`, or set understudy:images"
        )
    return {name: images[name] for name in SERVICES}


class _Git:
    """Asks the working copy, which may not be one: then there is no answer, and no error."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def ask(self, *command: str) -> str:
        """The one line that git prints, or the empty text."""
        try:
            answer = subprocess.run(
                ["git", *command], cwd=self._root, capture_output=True, text=True, timeout=5, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return answer.stdout.strip() if answer.returncode == 0 else ""


def _one_line(problem: ValidationError) -> str:
    """The first thing that is wrong, with its setting and value."""
    first = problem.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    more = f" (and {problem.error_count() - 1} more)" if problem.error_count() > 1 else ""
    return f"setting {where} is {first['input']!r}: {first['msg'].lower()}{more}; see stacks/settings.py"
