"""Checking the inputs of an object before anything is asked of the API server."""

from __future__ import annotations

import re
from typing import Any

from localcloud.fields import Failures, describe
from localcloud.kubernetes import annotations as notes
from localcloud.kubernetes.addressing import Addressing
from localcloud.kubernetes.naming import field_manager, generated_name, name_of
from localcloud.kubernetes.objects import MANAGER_KEY, sealed
from localcloud.kubernetes.readiness.waitfor import parse_wait_for
from localcloud.resource import Checked, CheckRequest, Properties
from localcloud.values import UNKNOWN

_NAME = re.compile(r"[a-z0-9A-Z:]([-a-z0-9A-Z._:]*[a-z0-9A-Z:])?")


def check_object(request: CheckRequest, token: str, where: Addressing) -> Checked:
    """Return the inputs of an object with its name, namespace and field manager, and what is wrong."""
    failures: Failures = []
    inputs = {name: value for name, value in request.new.items() if not name.startswith("__")}
    for name, wanted in (("apiVersion", where.kind.api_version), ("kind", where.kind.kind)):
        if inputs.get(name) not in (None, UNKNOWN, wanted):
            failures.append((name, f"must be {wanted}, as the type {token} says"))
        inputs[name] = wanted
    metadata = inputs.get("metadata")
    if metadata is UNKNOWN:
        return Checked(inputs, failures)
    if metadata is not None and not isinstance(metadata, dict):
        return Checked(inputs, [*failures, ("metadata", f"must be an object, not {describe(metadata)}")])
    inputs["metadata"] = _named(request, dict(metadata or {}), failures, where)
    failures += notes.check_annotations(inputs, where.kind.kind)
    failures += _wait_for_failures(inputs)
    manager = notes.notes_of(inputs).get(notes.FIELD_MANAGER)
    inputs[MANAGER_KEY] = manager or request.old.get(MANAGER_KEY) or field_manager(request.urn)
    return Checked(sealed(inputs), failures)


def _named(
    request: CheckRequest, metadata: dict[str, Any], failures: Failures, where: Addressing
) -> dict[str, Any]:
    if metadata.get("generateName") is not None:
        failures.append(
            (
                "metadata.generateName",
                "does not work with server-side apply; leave it out for a generated name",
            )
        )
    old_name, old_notes = name_of(request.old), notes.notes_of(request.old)
    if metadata.get("name") is None and metadata.get("annotations") is not UNKNOWN:
        keeps = bool(old_name) and old_notes.get(notes.AUTONAMED) == "true"
        fresh = request.proposed_name or generated_name(request.name, request.seed)
        metadata["name"] = old_name if keeps else fresh
        metadata["annotations"] = {**(metadata.get("annotations") or {}), notes.AUTONAMED: "true"}
    if not metadata.get("namespace") and metadata.get("namespace") is not UNKNOWN:
        metadata.pop("namespace", None)
        if where.namespaced():
            metadata["namespace"] = where.default_namespace()
    name = metadata.get("name")
    if isinstance(name, str) and not _NAME.fullmatch(name):
        failures.append(
            ("metadata.name", f"{name!r} is no name for an object; use lower case, digits, '-' and '.'")
        )
    return metadata


def _wait_for_failures(inputs: Properties) -> Failures:
    given = notes.notes_of(inputs).get(notes.WAIT_FOR)
    if not isinstance(given, str):
        return []
    try:
        parse_wait_for(given)
    except ValueError as error:
        return [(f'metadata.annotations["{notes.WAIT_FOR}"]', str(error))]
    return []
