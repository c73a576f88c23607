"""What one stack changes of its profile, and the combinations of values that can't be. Pure."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_type_hints

from keys import Override, SettingsProblem, nearest
from profiles import Difference, Profile, ProfileName, Unit
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from components.checks import InvalidArgument
from components.network.addressing import AddressPlan

PATH = "understudy:overrides"
_HINTS = get_type_hints(Profile, include_extras=True)
FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Profile))


def unit_of(field: str) -> Unit | None:
    """The unit of a profile's field, if it is a number."""
    found = getattr(_HINTS[field], "__metadata__", ())
    return next((one for one in found if isinstance(one, Unit)), None)


def read_overrides(given: tuple[Override, ...]) -> tuple[Difference, ...]:
    """Turn what the configuration declares into differences.

    Raises:
        SettingsProblem: a field that no profile has or that is named twice, or a value that it does not take.
    """
    found: dict[str, Difference] = {}
    for place, one in enumerate(given):
        path = f"{PATH}[{place}]"
        if one.field not in FIELDS:
            raise SettingsProblem(
                f"{path}.field is {one.field!r}: no profile has it{nearest(one.field, FIELDS)}; "
                "see stacks/profiles.py"
            )
        if one.field in found:
            raise SettingsProblem(f"{path}.field is {one.field!r}: declared twice, remove one")
        found[one.field] = Difference(
            field=one.field,
            value=_value(f"{path}.value", one.field, one.value),
            reason=one.reason,
            owner=one.owner,
            expires=one.expires,
        )
    return tuple(found.values())


def check_profile(name: ProfileName, profile: Profile, changed: tuple[Difference, ...] = ()) -> None:
    """Refuse values that can't be together.

    Raises:
        SettingsProblem: which field, by the path of the override that changed it, and why.
    """
    for field, mend in _impossible(name, profile):
        value = getattr(profile, field)
        place = next((place for place, one in enumerate(changed) if one.field == field), None)
        path = f"profile {name}, {field}" if place is None else f"{PATH}[{place}].value ({field})"
        raise SettingsProblem(f"{path} is {value!r}: {mend}")


def _impossible(name: ProfileName, profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield each field that does not go with the others, and what to do about it."""
    if name == "preview" and profile.protect:
        yield "protect", "a preview is made to be destroyed; use another profile"
    if name == "preview" and profile.ttl_hours is None:
        yield "ttl_hours", "a preview ends some day; say after how many hours"
    if profile.protect and profile.ttl_hours is not None:
        yield "ttl_hours", "what is protected does not expire; use null, or do not protect it"
    if profile.protect and not profile.keep_data:
        yield "keep_data", "what is protected keeps its data; use true"
    if profile.keep_data and profile.database_backup_days == 0:
        yield "database_backup_days", "data that is kept has backups; use at least 1 day"
    if profile.database_multi_zone and len(profile.zones) < 2:
        yield "database_multi_zone", "a standby needs a second zone; use false, or add a zone"
    if profile.cache_nodes > 1 and len(profile.zones) < 2:
        yield "cache_nodes", "a replica that takes over needs a second zone; use 1, or add a zone"
    if profile.queue_retention <= profile.queue_visibility:
        limit = profile.queue_visibility
        yield "queue_retention", f"messages would be gone before they are seen again; use more than {limit}"
    if profile.drain >= profile.queue_visibility:
        limit = profile.queue_visibility
        yield "drain", f"a message would come back while it is worked on; use less than {limit} seconds"
    if 0 < profile.secret_recovery_days < 7:
        yield "secret_recovery_days", "Secrets Manager takes 7 to 30 days, or 0 for none"
    try:
        AddressPlan(cidr=profile.cidr, zones=profile.zones)
    except InvalidArgument as problem:
        yield problem.field, str(problem).partition(": ")[2]


def _value(path: str, field: str, value: Any) -> Any:
    """`value` as the profile's field takes it; numbers are whole and in the field's unit."""
    unit = unit_of(field)
    if unit is not None:
        optional = type(None) in getattr(_HINTS[field].__origin__, "__args__", ())
        if value is None and optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not unit.low <= value <= unit.high:
            raise SettingsProblem(
                f"{path} is {value!r}: {field} takes a whole number of {unit.name},"
                f" from {unit.low} to {unit.high}"
            )
        return value
    try:
        return TypeAdapter[Any](_HINTS[field]).validate_json(to_json(value), strict=True)
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        where = "".join(f".{part}" for part in first["loc"])
        raise SettingsProblem(
            f"{path}{where} is {first['input']!r}: {field}: {first['msg'].lower()}"
        ) from None
