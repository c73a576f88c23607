"""What the state of an object will be, as far as that can be told before it is deployed."""

from __future__ import annotations

from typing import Any

from localcloud.kubernetes.objects import API_VERSION_KEY, MANAGER_KEY, dig, in_engine_words, sealed
from localcloud.values import UNKNOWN, Secret

Object = dict[str, Any]

# What the API server chooses when it makes an object: a dry-run tells another choice than the one to come.
_CHOSEN = ("uid", "creationTimestamp", "resourceVersion")
_CHOSEN_FOR_SERVICE = ("clusterIP", "clusterIPs", "healthCheckNodePort")


def expected_state(inputs: Object, state: Object | None, made: Object | None) -> Object:
    """Return the expected state.

    inputs: what the program says. state: the present state; None for an object that is still to be made.
    made: the answer of a dry-run, or None when there was none, so that only the inputs are known.
    """
    given = {name: value for name, value in inputs.items() if not name.startswith("__")}
    shown = dict(given) if made is None else in_engine_words(made)
    metadata = shown.get("metadata")
    if isinstance(metadata, dict):
        shown["metadata"] = _metadata(metadata, state)
    if state is None:
        shown["status"] = UNKNOWN
        _forget_choices(shown, given)
    else:
        # What an update leads to in the status only the deployment tells.
        shown["status"] = UNKNOWN if "status" in state else None
        if made is None:
            shown = _over(state, shown)
    shown.pop(MANAGER_KEY, None)
    notes = {MANAGER_KEY: inputs.get(MANAGER_KEY), API_VERSION_KEY: (state or given).get(API_VERSION_KEY)}
    notes[API_VERSION_KEY] = notes[API_VERSION_KEY] or given.get("apiVersion")
    return sealed({**shown, **notes})


def _metadata(metadata: Object, state: Object | None) -> Object:
    known = {name: value for name, value in metadata.items() if name not in ("managedFields", "generation")}
    if state is None:
        return {**known, **dict.fromkeys(_CHOSEN, UNKNOWN)}
    return {
        **known,
        "uid": dig(state, "metadata", "uid"),
        "creationTimestamp": dig(state, "metadata", "creationTimestamp"),
        "resourceVersion": UNKNOWN,
    }


def _forget_choices(shown: Object, given: Object) -> None:
    """Replace what a dry-run chose for a new Service by UNKNOWN."""
    spec = shown.get("spec")
    if shown.get("kind") != "Service" or not isinstance(spec, dict):
        return
    spec = shown["spec"] = dict(spec)
    for name in _CHOSEN_FOR_SERVICE:
        if dig(given, "spec", name) is None and (name in spec or name == "clusterIP"):
            spec[name] = UNKNOWN
    for port, asked in zip(spec.get("ports") or [], dig(given, "spec", "ports", default=[]), strict=False):
        if "nodePort" in port and isinstance(asked, dict) and asked.get("nodePort") is None:
            port["nodePort"] = UNKNOWN


def _over(state: Any, inputs: Any) -> Any:
    """Return the present state with the inputs laid over it."""
    if isinstance(state, Secret):
        state = state.value
    if isinstance(state, dict) and isinstance(inputs, dict):
        return {**state, **{name: _over(state.get(name), value) for name, value in inputs.items()}}
    return inputs
