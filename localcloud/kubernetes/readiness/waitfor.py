"""The annotation ``pulumi.com/waitFor``: ``condition=…`` and ``jsonpath=…``, or a JSON list of those.

Source: pulumi/pulumi-kubernetes provider/pkg/metadata/overrides.go and provider/pkg/await/condition
@ 94977969d641.
"""

from __future__ import annotations

import json
from typing import Any

from localcloud.kubernetes.readiness import jsonpath
from localcloud.kubernetes.readiness.verdict import Look, Object, Readiness, Verdict, condition


def parse_wait_for(annotation: str) -> Readiness:
    """Return the rule that the annotation stands for; raise ValueError for one not understood."""
    try:
        given: Any = json.loads(annotation)
    except ValueError:
        given = annotation
    expressions = [str(each) for each in given] if isinstance(given, list) else [str(annotation)]
    if not expressions:
        raise ValueError("holds no condition")
    rules = [_parse_one(expression) for expression in expressions]

    def judge(live: Object, look: Look) -> Verdict:
        verdicts = [rule(live, look) for rule in rules]
        open_ones = [verdict.status for verdict in verdicts if not verdict.ready]
        return Verdict(not open_ones, "; ".join(open_ones))

    return judge


def _parse_one(expression: str) -> Readiness:
    kind, separator, rest = expression.partition("=")
    if not separator or kind not in ("condition", "jsonpath"):
        raise ValueError(f"must begin with condition= or jsonpath=, not {expression!r}")
    return _condition(rest) if kind == "condition" else _jsonpath(rest)


def _condition(text: str) -> Readiness:
    name, _separator, wanted = text.partition("=")
    wanted = wanted or "True"
    if not name:
        raise ValueError("condition= needs the type of a condition")

    def judge(live: Object, look: Look) -> Verdict:
        status = _same_case(live, name)
        return Verdict(status.lower() == wanted.lower(), f"waiting for condition {name}={wanted}")

    return judge


def _same_case(live: Object, name: str) -> str:
    exact = condition(live, name)
    if exact:
        return str(exact.get("status", ""))
    for each in (live.get("status") or {}).get("conditions") or []:
        if str(each.get("type", "")).lower() == name.lower():
            return str(each.get("status", ""))
    return ""


def _jsonpath(text: str) -> Readiness:
    path, wanted = _split(text)
    jsonpath.parse(path)

    def judge(live: Object, look: Look) -> Verdict:
        found = jsonpath.pick(live, path)
        ready = bool(found) if wanted is None else bool(found) and all(_text(v) == wanted for v in found)
        return Verdict(ready, f"waiting for {path}" + ("" if wanted is None else f"={wanted}"))

    return judge


def _split(text: str) -> tuple[str, str | None]:
    """Split ``{.path}=value`` at the sign of equality outside the braces."""
    if text.startswith("{"):
        end = text.rfind("}")
        path, rest = text[: end + 1], text[end + 1 :]
    else:
        path, separator, value = text.partition("=")
        rest = separator + value
    if not rest:
        return path, None
    if not rest.startswith("="):
        raise ValueError(f"jsonpath= needs {{.path}}=value, not {text!r}")
    return path, rest[1:].strip("'\"")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
