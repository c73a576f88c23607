"""When Secrets Manager rotates: its schedule expressions, checked. Pure, and free of Pulumi.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
"""

import re

from components.checks import check, check_match, check_range

LONGEST_DAYS = 1000
SHORTEST_HOURS = 4
_RATE = re.compile(r"rate\(([1-9][0-9]{0,2}) (hour|hours|day|days)\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_NAMES = "JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC"
_MONTHS = {name: number for number, name in enumerate(_NAMES.split(","), 1)}
_DAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
_MEND = "use rate(10 days), rate(4 hours) or cron(0 4 1 * ? *): hours in UTC, minutes 0, year *"


def check_schedule(field: str, expression: str) -> None:
    """Refuse what Secrets Manager does not take as a schedule.

    >>> check_schedule("schedule", "cron(0 4 ? * SUN#1 *)")
    """
    check_match(field, expression, r"(rate|cron)\([\x20-\x7e]{1,200}\)", _MEND)
    rate, cron = _RATE.fullmatch(expression), _CRON.fullmatch(expression)
    check(rate is not None or cron is not None, field, expression, _MEND)
    if rate is not None:
        number, unit = int(rate[1]), rate[2]
        check((number == 1) == (not unit.endswith("s")), field, expression, "write 1 day, 2 days")
        enough = unit.startswith("day") or number >= SHORTEST_HOURS
        check(enough, field, expression, f"use {SHORTEST_HOURS} hours or more")
    if cron is not None:
        _check_cron(field, expression, *cron.groups())


def check_window(field: str, hours: int | None, expression: str | None) -> None:
    """Refuse a window, in hours, that is none or that would reach into the next rotation's."""
    if hours is None:
        return
    check_range(field, hours, 1, 24, "hours")
    rate = _RATE.fullmatch(expression) if isinstance(expression, str) else None
    if rate is not None and rate[2].startswith("hour"):
        most = int(rate[1])
        check(hours < most, field, hours, f"use less than the {most} hours from one rotation to the next")


def _check_cron(
    field: str, expression: str, minutes: str, hours: str, day: str, month: str, weekday: str, year: str
) -> None:
    check(minutes == "0", field, expression, f"minutes must be 0; {_MEND}")
    check(year == "*", field, expression, f"the year must be *; {_MEND}")
    check(
        (day == "?") != (weekday == "?"), field, expression, "use ? for the day of the month or of the week"
    )
    valid = (
        _hours(hours)
        and (day in ("?", "L", "LW") or re.fullmatch(r"([1-9]|[12]\d|3[01])W", day) or _list(day, 1, 31, {}))
        and _list(month, 1, 12, _MONTHS)
        and (weekday == "?" or _weekday(weekday))
    )
    check(bool(valid), field, expression, _MEND)


def _hours(text: str) -> bool:
    """Tell whether `text` is hours of a day, never less than four from one to the next, midnight included."""
    text = ",".join(f"0{item}" if item.startswith("/") else item for item in text.split(","))
    if not _list(text, 0, 23, {}):
        return False
    times = sorted({hour for item in text.split(",") for hour in _times(item)})
    around = [*times[1:], times[0] + 24]
    return all(later - earlier >= SHORTEST_HOURS for earlier, later in zip(times, around, strict=True))


def _times(item: str) -> range:
    """The hours of one valid item: `4`, `*`, `8-20`, `0/6`, `8-20/6`."""
    head, slash, step = item.partition("/")
    first, dash, last = head.partition("-")
    low = 0 if first == "*" else int(first)
    high = int(last) if dash else (23 if slash or first == "*" else low)
    return range(low, high + 1, int(step or 1))


def _weekday(text: str) -> bool:
    last = re.fullmatch(r"([1-7]|[A-Z]{3})(L|#[1-5])", text)
    if last is not None:
        return last[1].isdigit() or last[1] in _DAYS
    return text == "L" or _list(text, 1, 7, _DAYS)


def _list(text: str, low: int, high: int, names: dict[str, int]) -> bool:
    """Tell whether `text` is a cron field of numbers or names: values, ranges and steps, by commas."""
    return all(_item(item, low, high, names) for item in text.split(","))


def _item(text: str, low: int, high: int, names: dict[str, int]) -> bool:
    head, slash, step = text.partition("/")
    if slash and not (re.fullmatch(r"[1-9][0-9]?", step) and int(step) <= high):
        return False
    if head == "*":
        return True
    first, dash, last = head.partition("-")
    values = [_number(each, names) for each in ([first, last] if dash else [first])]
    if any(value is None or not low <= value <= high for value in values):
        return False
    known = [value for value in values if value is not None]
    return known == sorted(known)


def _number(text: str, names: dict[str, int]) -> int | None:
    return names.get(text, int(text) if re.fullmatch(r"[0-9]{1,2}", text) else None)
