"""Requests to one API server: read, apply, delete, list, watch and logs of any kind of object."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import quote, urlencode

import urllib3
from urllib3.exceptions import HTTPError, InsecureRequestWarning

from localcloud.kubernetes.kubeconfig import Access
from localcloud.kubernetes.problems import ApiError, Unreachable, error_from

# One connection for each call that the plugin serves at a time, and some for the looks beside a wait.
_CONNECTIONS = 96
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
_LOG_SECONDS = 3.0

# Answers that mean: once more, a little later.
_BUSY = (429, 500, 502, 503, 504)
_ATTEMPTS = 5

Object = dict[str, Any]


class Client:
    """Speaks to the API server of one `Access`; safe to use from many threads."""

    def __init__(self, access: Access) -> None:
        self._access = access
        if access.tls is not None and access.tls.verify_mode is ssl.CERT_NONE:
            # The kubeconfig asks for it; a warning for each request says nothing new.
            urllib3.disable_warnings(InsecureRequestWarning)
        self._pool = urllib3.PoolManager(
            num_pools=2,
            maxsize=_CONNECTIONS,
            ssl_context=access.tls,
            server_hostname=access.server_name,
            retries=urllib3.Retry(
                total=_ATTEMPTS,
                connect=1,
                read=2,
                redirect=0,
                other=0,
                status=_ATTEMPTS,
                status_forcelist=_BUSY,
                # Every request that this client makes leads to the same end when it is made twice.
                allowed_methods=None,
                backoff_factor=0.2,
                backoff_max=2.0,
                raise_on_status=False,
            ),
        )

    @property
    def url(self) -> str:
        """The address of the API server."""
        return self._access.url

    @property
    def namespace(self) -> str:
        """The namespace of the kubeconfig's context."""
        return self._access.namespace

    def get(self, path: str, **query: Any) -> Object:
        """Return what stands at `path`; raise ApiError (``gone`` when there is nothing)."""
        return self._json("GET", path, query)

    def apply(self, path: str, body: Object, *, manager: str, force: bool, dry_run: bool = False) -> Object:
        """Make the object at `path` agree with `body` by server-side apply; return what came of it."""
        query: dict[str, Any] = {"fieldManager": manager, "force": str(force).lower()}
        if dry_run:
            query["dryRun"] = "All"
        return self._json("PATCH", path, query, body, "application/apply-patch+yaml")

    def delete(self, path: str, *, propagation: str) -> Object:
        """Begin to delete the object at `path`; return it, or a Status when it is gone at once."""
        options: Object = {"propagationPolicy": propagation}
        return self._json("DELETE", path, {}, options, "application/json")

    def logs(self, namespace: str, pod: str, container: str, *, previous: bool, lines: int) -> str:
        """Return the last lines that a container wrote, of its run before this one if `previous`."""
        path = f"/api/v1/namespaces/{quote(namespace)}/pods/{quote(pod)}/log"
        query = {"container": container, "tailLines": lines, "previous": str(previous).lower()}
        # The answer comes from the node; one that gives none must not hold up the error it is for.
        with self._request("GET", path, query, retries=False, seconds=_LOG_SECONDS) as answer:
            return answer.data.decode(errors="replace")

    def watch(self, path: str, *, version: str, seconds: int, **query: Any) -> Iterator[tuple[str, Object]]:
        """Yield (type, object) of every change after `version`, for at most `seconds`.

        Types are ADDED, MODIFIED, DELETED and BOOKMARK. Raises ApiError with status 410 when `version` is
        too old.
        """
        asked = {**query, "watch": "true", "resourceVersion": version, "timeoutSeconds": seconds}
        with self._request("GET", path, asked, stream=True) as answer:
            rest = b""
            for chunk in answer.stream(None, decode_content=True):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if line:
                        yield self._event(json.loads(line))

    @staticmethod
    def _event(event: Object) -> tuple[str, Object]:
        if event["type"] == "ERROR":
            status = event["object"]
            raise error_from(status.get("code", 500), status.get("reason", ""), json.dumps(status).encode())
        return event["type"], event["object"]

    def _json(
        self, method: str, path: str, query: Object, body: Object | None = None, kind: str = ""
    ) -> Object:
        with self._request(method, path, query, body, kind) as answer:
            return json.loads(answer.data)

    @contextmanager
    def _request(
        self,
        method: str,
        path: str,
        query: Object,
        body: Object | None = None,
        kind: str = "",
        *,
        stream: bool = False,
        retries: Literal[False] | None = None,
        seconds: float = _READ_SECONDS,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        given = {name: value for name, value in query.items() if value is not None}
        headers = {"accept": "application/json", **self._access.headers()}
        if kind:
            headers["content-type"] = kind
        try:
            answer = self._pool.request(
                method,
                self._access.url + path + (f"?{urlencode(given)}" if given else ""),
                headers=headers,
                body=None if body is None else json.dumps(body),
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds),
                retries=retries,
                preload_content=not stream,
            )
            try:
                if answer.status >= 400:
                    raise error_from(answer.status, answer.reason or "", answer.data)
                yield answer
            finally:
                if stream:
                    # What was not read of a stream would stand before the next answer.
                    answer.close()
                answer.release_conn()
        except ApiError:
            raise
        except (HTTPError, OSError) as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: Exception) -> Unreachable:
        reason = getattr(error, "reason", None) or error
        text = " ".join(str(reason).split()).rsplit(": ", 1)[-1].rstrip(")'\"")
        return Unreachable(
            f"the Kubernetes API server {self._access.url} gives no answer ({text}); "
            "start the local cloud (`understudy local up`) or check the kubeconfig"
        )
