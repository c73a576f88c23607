"""When a service may work on a database or cache: windows of a day and of a week, in UTC. Pure.

RDS and ElastiCache refuse a backup during maintenance, so the two windows must not overlap, on no day.
"""

import re

from components.checks import InvalidArgument, check

_DAY = 24 * 60
_WEEK = 7 * _DAY
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DAILY = re.compile(f"{_TIME}-{_TIME}")
_WEEKLY = re.compile(f"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")

Span = tuple[int, int]
"""First minute since the day's or the week's beginning, and length in minutes."""


def daily(field: str, text: str, shortest: int) -> Span:
    """Read a window of every day, such as `02:00-03:00`; it may pass midnight.

    Args:
        field: name of the argument, for errors.
        text: the window.
        shortest: minutes that it has to be long, at least.

    Raises:
        InvalidArgument: no window, or too short a one.

    >>> daily("backup_window", "23:30-00:30", 30)
    (1410, 60)
    """
    found = _DAILY.fullmatch(text) if len(text) <= 11 else None
    if found is None:
        raise InvalidArgument(field, text, "use hours and minutes in UTC, such as 02:00-03:00")
    begin, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    return begin, _length(field, text, begin, end, _DAY, shortest)


def weekly(field: str, text: str, shortest: int) -> Span:
    """Read a window of every week, such as `sun:03:30-sun:04:30`; it may pass midnight.

    Raises:
        InvalidArgument: no window, too short a one, or one of more than a day.

    >>> weekly("maintenance_window", "sun:23:30-mon:00:30", 30)
    (10050, 60)
    """
    found = _WEEKLY.fullmatch(text) if len(text) <= 19 else None
    if found is None:
        raise InvalidArgument(field, text, "use days, hours and minutes in UTC, such as sun:03:30-sun:04:30")
    begin = _DAYS.index(found[1]) * _DAY + _minutes(found[2], found[3])
    end = _DAYS.index(found[4]) * _DAY + _minutes(found[5], found[6])
    length = _length(field, text, begin, end, _WEEK, shortest)
    check(length <= _DAY, field, text, "use at most 24 hours")
    return begin, length


def check_apart(field: str, text: str, every_day: Span, every_week: Span) -> None:
    """Refuse a window of every week that meets the one of every day.

    Raises:
        InvalidArgument: they overlap; the message names the weekly one.
    """
    begin, length = every_week
    for day in range(-1, 9):
        other = day * _DAY + every_day[0]
        meets = begin < other + every_day[1] and other < begin + length
        check(not meets, field, text, f"use a time apart from the daily window {_written(every_day)}")


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def _length(field: str, text: str, begin: int, end: int, whole: int, shortest: int) -> int:
    length = (end - begin) % whole
    check(length >= shortest, field, text, f"use at least {shortest} minutes")
    return length


def _written(span: Span) -> str:
    end = (span[0] + span[1]) % _DAY
    return f"{span[0] // 60:02d}:{span[0] % 60:02d}-{end // 60:02d}:{end % 60:02d}"
