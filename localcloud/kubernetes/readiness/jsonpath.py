"""The part of kubectl's JSONPath that picks values out of an object.

Understood: ``{.status.phase}``, ``['a.b/c']``, ``[0]``, ``[*]`` and ``[?(@.type=="Ready")]``.
"""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_$][\w$-]*)"""
    r"""|\[(?P<index>-?\d+)\]"""
    r"""|(?P<all>\[\*\])"""
    r"""|\[(?P<quote>['"])(?P<key>.+?)(?P=quote)\]"""
    r"""|\[\?\(@\.(?P<where>[\w.]+)\s*==\s*(?P<mark>['"])(?P<value>.*?)(?P=mark)\)\]"""
)


def parse(expression: str) -> list[re.Match[str]]:
    """Return the steps of an expression such as ``{.status.phase}``; raise ValueError when it has others."""
    text = expression.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    text = text.removeprefix("$")
    if text and text[0] not in ".[":
        text = f".{text}"
    steps: list[re.Match[str]] = []
    place = 0
    while place < len(text):
        step = _STEP.match(text, place)
        if step is None:
            raise ValueError(f"{expression!r} is not understood from {text[place:]!r} on")
        steps.append(step)
        place = step.end()
    if not steps:
        raise ValueError(f"{expression!r} picks nothing")
    return steps


def pick(obj: Any, expression: str) -> list[Any]:
    """Return the values that an expression picks out of an object.

    >>> pick({"status": {"phase": "Bound"}}, "{.status.phase}")
    ['Bound']
    """
    found = [obj]
    for step in parse(expression):
        found = [value for each in found for value in _take(each, step)]
    return found


def _take(value: Any, step: re.Match[str]) -> list[Any]:
    name = step["name"] or step["key"]
    if name is not None:
        return [value[name]] if isinstance(value, dict) and name in value else []
    if step["index"] is not None:
        index = int(step["index"])
        fits = isinstance(value, list) and -len(value) <= index < len(value)
        return [value[index]] if fits else []
    if step["all"]:
        return list(value.values()) if isinstance(value, dict) else list(value or [])
    if not isinstance(value, list):
        return []
    where = "." + step["where"]
    return [item for item in value if [str(each) for each in pick(item, where)] == [step["value"]]]
