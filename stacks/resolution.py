"""From what is given to the settings, and where each of them came from. Nothing here needs the engine.

What is read, first found wins:

| setting | from |
|---|---|
| profile | `understudy:profile`, the stack's name |
| each field of the profile | `understudy:overrides`, the profile, production |
| region | `aws:region`, `AWS_REGION`, `eu-west-1` |
| endpoint | `aws:endpoints`, `AWS_ENDPOINT_URL`, none |
| owner, branch, commit | `understudy:…`, git, `unknown` |
| created, expires | `understudy:createdAt`, `understudy:expiresAt`, which `understudy up` sets once |
| images | `understudy:images`, `build/images.json` |
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from keys import Keys, SettingsProblem, parse, provider_settings
from overrides import check_profile, read_overrides
from profiles import Difference, Profile, ProfileName, differences, profile_of, resolve
from pydantic import ValidationError
from releases import parse as parse_releases
from settings import Settings
from workingcopy import IMAGES_FILE, ask_git, built_images

from components.access import PipelineIdentity
from components.naming import NameProblem, parse_stack_name

SERVICES = ("orders", "pricing")
HOME_REGION = "eu-west-1"
LOCAL_ISSUER = "kubernetes.default.svc.cluster.local"

Kind = Literal["production", "profile", "override", "configuration", "environment", "git", "build", "default"]
"""Production's own value; a profile's difference; a stack's own difference; the stack's configuration; a
variable of the shell; the working copy; the last build; what is taken when nobody says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a setting came from: the kind of place, and which one exactly."""

    kind: Kind
    where: str
    difference: Difference | None = None
    """The declared difference from production, if it is one."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """All that settings are made of."""

    stack: str
    project: str
    config: Mapping[str, str]
    """The stack's configuration: full keys, values as text, lists and objects as JSON."""
    environ: Mapping[str, str]
    root: Path
    """Folder of the project."""
    place: str = "stack configuration"
    """Where the configuration is, for people."""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """The settings, and the origin of each: of `profile.<field>` for the profile's."""

    settings: Settings
    origins: Mapping[str, Origin]
    differences: tuple[Difference, ...]
    """Every difference from production, the stack's own included."""


def resolve_settings(given: Given) -> Resolved:
    """Resolve the settings of a stack.

    Raises:
        SettingsProblem: a setting is wrong; one line that says which, and how to mend it.
    """
    try:
        environment = parse_stack_name(given.stack)
    except NameProblem as problem:
        raise SettingsProblem(str(problem)) from None
    keys, ledger = parse(given.config), _Ledger(given)
    name, own = _profile_name(environment, keys), read_overrides(keys.overrides)
    profile = resolve(name, own)
    check_profile(name, profile, own)
    aws = provider_settings(given.config, "aws")
    kubernetes = provider_settings(given.config, "kubernetes")
    values: dict[str, Any] = {
        "organisation": ledger.take("organisation", keys.organisation, default="example"),
        "project": ledger.note("project", given.project, "configuration", "Pulumi.yaml"),
        "environment": ledger.note("environment", environment, "default", "the stack's name"),
        "profile_name": ledger.take("profile_name", keys.profile, default=name, where="the stack's name"),
        "profile": profile,
        "foundation": ledger.take("foundation", keys.foundation, default="own"),
        "region": ledger.take(
            "region", given.config.get("aws:region"), variable="AWS_REGION", default=HOME_REGION
        ),
        "owner": ledger.take("owner", keys.owner, git=("config", "user.name")),
        "branch": ledger.take("branch", keys.branch, git=("rev-parse", "--abbrev-ref", "HEAD")),
        "commit": ledger.take("commit", keys.commit, git=("rev-parse", "--short=12", "HEAD")),
        "release": ledger.take("release", keys.release, default="unreleased"),
        "created_at": ledger.take("created_at", keys.created_at, where="not created yet"),
        "expires_at": ledger.take("expires_at", keys.expires_at, where=_expiry(profile)),
        "images": _images(given, keys, ledger),
        "releases": ledger.take(
            "releases", parse_releases(keys.releases, SERVICES), default={}, where="none"
        ),
        "issuer": ledger.take("issuer", keys.issuer, default=LOCAL_ISSUER),
        "alert_emails": ledger.take("alert_emails", keys.alert_emails, default=(), where="nobody"),
        "account_ids": ledger.take("account_ids", keys.account_ids, default=(), where="any account"),
        "principals": ledger.take("principals", keys.principals, default={}, where="the account decides"),
        "pipeline": ledger.take("pipeline", _pipeline(keys, environment)),
        "aws_endpoint": ledger.take("aws_endpoint", _endpoint(aws), variable="AWS_ENDPOINT_URL"),
        "aws_provider": ledger.take("aws_provider", aws, default={}),
        "kubernetes_provider": ledger.take("kubernetes_provider", kubernetes, default={}),
    }
    try:
        settings = Settings(**values)
    except ValidationError as problem:
        raise SettingsProblem(_line(problem, ledger.origins)) from None
    _check_together(settings)
    declared = differences(name, own)
    return Resolved(
        settings=settings,
        origins={**ledger.origins, **_profile_origins(name, declared, own, given.place)},
        differences=declared,
    )


class _Ledger:
    """Takes each setting from the first place that has it, and notes which one that was."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self.origins: dict[str, Origin] = {}

    def take(
        self,
        name: str,
        configured: Any,
        *,
        variable: str | None = None,
        git: tuple[str, ...] = (),
        default: Any = None,
        where: str = "default",
    ) -> Any:
        """The value of the setting `name`; an empty one counts as none."""
        if configured:
            return self.note(name, configured, "configuration", self._given.place)
        found = self._given.environ.get(variable, "") if variable else ""
        if variable and found:
            return self.note(name, found, "environment", variable)
        found = ask_git(self._given.root, *git) if git else ""
        if found:
            return self.note(name, found, "git", f"git {' '.join(git)}")
        return self.note(name, "unknown" if git else default, "default", "no git" if git else where)

    def note(self, name: str, value: Any, kind: Kind, where: str) -> Any:
        """`value`, noted to come from `where`."""
        self.origins[name] = Origin(kind=kind, where=where)
        return value


def _profile_name(environment: str, keys: Keys) -> ProfileName:
    """The stack's profile; the name of a long-lived environment stands for its own."""
    named = profile_of(environment)
    if keys.profile is not None and named not in ("preview", keys.profile):
        raise SettingsProblem(
            f"understudy:profile is {keys.profile!r}: a stack named {named} has the profile {named}; "
            "remove the key or rename the stack"
        )
    return keys.profile or named


def _pipeline(keys: Keys, environment: str) -> PipelineIdentity | None:
    """The pipeline's identity, in this environment and no other."""
    if keys.pipeline is None:
        return None
    subject = keys.pipeline.subject.replace("{environment}", environment)
    return PipelineIdentity(issuer=keys.pipeline.issuer, subject=subject)


def _expiry(profile: Profile) -> str:
    return "never" if profile.ttl_hours is None else f"{profile.ttl_hours} h after it is created"


def _endpoint(aws: Mapping[str, Any]) -> str | None:
    """The address of AWS's API in `aws:endpoints`; the services use the one for SQS, else the first."""
    merged: dict[str, str] = {}
    for item in aws.get("endpoints", ()):
        merged |= item
    return merged.get("sqs") or next(iter(merged.values()), None)


def _images(given: Given, keys: Keys, ledger: _Ledger) -> dict[str, str]:
    """The image of each service, from the configuration, else from the last build; not all may be there."""
    images = keys.images
    if images is not None:
        ledger.note("images", images, "configuration", given.place)
    else:
        images = built_images(given.root)
        ledger.note("images", images, "build", str(IMAGES_FILE) if images else "not built yet: `make images`")
    return {name: images[name] for name in SERVICES if name in images}


def check_images(settings: Settings) -> None:
    """Refuse settings without an image for each service: they can be shown, but nothing be made of them.

    Raises:
        SettingsProblem: which services have none.
    """
    missing = [name for name in SERVICES if name not in settings.images]
    if missing:
        raise SettingsProblem(
            f"understudy:images has no image for {', '.join(missing)}: build with `make images`, or set it"
        )


def _check_together(settings: Settings) -> None:
    """Refuse settings that can't be together."""
    foundation, created, expires = settings.foundation, settings.created_at, settings.expires_at
    path = f"understudy:foundation is {foundation!r}"
    if foundation == settings.environment:
        raise SettingsProblem(f"{path}: the stack can't stand on itself; use own")
    if foundation == "production" and settings.profile_name != "production":
        raise SettingsProblem(f"{path}: production shares its network with nobody; use own or another stack")
    path = f"understudy:expiresAt is {expires!r}"
    if expires is not None and settings.profile.protect:
        raise SettingsProblem(f"{path}: what is protected does not expire; remove it")
    # Both are in UTC and of one form, so they sort as text.
    if expires is not None and created is not None and expires <= created:
        raise SettingsProblem(f"{path}: it would be over before its creation at {created}; use a later time")
    if settings.account_ids and settings.aws_provider.get("skip_requesting_account_id"):
        raise SettingsProblem(
            "aws:skipRequestingAccountId is true: understudy:accountIds can't be checked then; remove one"
        )


def _profile_origins(
    name: ProfileName, declared: tuple[Difference, ...], own: tuple[Difference, ...], place: str
) -> dict[str, Origin]:
    found: dict[str, Origin] = {
        f"profile.{field.name}": Origin(kind="production", where="production") for field in fields(Profile)
    }
    for one in declared:
        kind: Kind = "override" if one in own else "profile"
        where = f"overrides in {place}" if kind == "override" else f"profile {name}"
        found[f"profile.{one.field}"] = Origin(kind=kind, where=where, difference=one)
    return found


def _line(problem: ValidationError, origins: Mapping[str, Origin]) -> str:
    """The first setting that is wrong, with its value and where it came from."""
    first = problem.errors(include_url=False)[0]
    name = str(first["loc"][0])
    where = origins[name].where if name in origins else "settings"
    path = "aws:region" if name == "region" else name
    mend = _MENDS.get(name, first["msg"].lower())
    return f"{path} is {first['input']!r} (from {where}): {mend}"


_MENDS = {
    "region": "use a region such as eu-west-1",
    "aws_endpoint": "use http://host:port",
    "project": "use a-z, 0-9 and single hyphens, a letter first",
    "owner": "use at most 256 characters",
    "branch": "use at most 256 characters",
}
