"""Server-side apply with the rules of this plugin: who may take over what, and what to say if not."""

from __future__ import annotations

from typing import Any

from localcloud.kubernetes.annotations import PATCH_FORCE
from localcloud.kubernetes.client import Client
from localcloud.kubernetes.objects import dig, is_secret
from localcloud.kubernetes.problems import ApiError, conflicts_of, without
from localcloud.resource import LocalError

Object = dict[str, Any]


class Applier:
    """Applies objects as one field manager."""

    def __init__(self, client: Client, manager: str, *, force: bool) -> None:
        self._client = client
        self._manager = manager
        self._force = force

    def apply(self, path: str, body: Object, *, dry_run: bool = False, force: bool = False) -> Object:
        """Apply `body`; fields changed by hand with kubectl are taken over, others' are a LocalError."""
        forced = self._force or force
        try:
            return self._client.apply(path, body, manager=self._manager, force=forced, dry_run=dry_run)
        except ApiError as error:
            found = conflicts_of(error)
            if error.conflict and found.all_by_hand():
                return self._client.apply(path, body, manager=self._manager, force=True, dry_run=dry_run)
            if error.conflict and found.items:
                raise LocalError(
                    f"{_called(body)}: another manager owns {found}; leave the field out, or take it over "
                    f'with the annotation {PATCH_FORCE}: "true"'
                ) from None
            raise _safe(error, body) from None


def _safe(error: ApiError, body: Object) -> ApiError:
    """Return an error that names the object, and for a Secret without any of its values."""
    values: list[str] = []
    if is_secret(body):
        for section in ("data", "stringData"):
            values += [str(value) for value in (body.get(section) or {}).values()]
    safe = ApiError(error.status, error.reason, without(error.message, values), error.causes)
    safe.args = (f"{_called(body)}: {safe}",)
    return safe


def _called(body: Object) -> str:
    namespace, name = dig(body, "metadata", "namespace"), dig(body, "metadata", "name")
    return f"{body.get('kind')} {f'{namespace}/' if namespace else ''}{name}"
