"""The few requests that setting up a cluster needs, made with the administrator's certificate."""

import json
from collections.abc import Mapping
from typing import Any

import urllib3

from localcloud.cluster.certs import KeyPair
from localcloud.errors import LocalCloudError

__all__ = ["Api"]

_FIELD_MANAGER = "understudy-cluster"


class Api:
    """A client of one API server.

    Args:
        url: its URL.
        authority: key pair of the certificate authority to check it against.
        client: key pair of the user to be.
    """

    def __init__(self, url: str, authority: KeyPair, client: KeyPair) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(
            ca_certs=str(authority.certificate),
            cert_file=str(client.certificate),
            key_file=str(client.key),
            retries=False,
            timeout=urllib3.Timeout(connect=2.0, read=10.0),
        )

    def ready(self) -> bool:
        """Say whether the API server and everything it starts are ready; False also when nothing answers."""
        try:
            return self._pool.request("GET", f"{self._url}/readyz").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def get(self, path: str) -> dict[str, Any] | None:
        """Return the object at a path, or nothing when there is none.

        Raises:
            LocalCloudError: the server refused, or did not answer.
        """
        return self._request("GET", path)

    def apply(self, path: str, document: Mapping[str, Any]) -> None:
        """Create or update one object by server-side apply.

        Args:
            path: path of the object itself.
            document: the object.

        Raises:
            LocalCloudError: the server refused, or did not answer.
        """
        self._request(
            "PATCH",
            f"{path}?fieldManager={_FIELD_MANAGER}&force=true",
            body=json.dumps(document).encode(),
            headers={"Content-Type": "application/apply-patch+yaml"},
        )

    def _request(self, method: str, path: str, **options: Any) -> dict[str, Any] | None:
        try:
            response = self._pool.request(method, f"{self._url}{path}", **options)
        except urllib3.exceptions.HTTPError as error:
            raise LocalCloudError(
                f"the cluster's API server does not answer at {self._url}: {error}"
            ) from error
        if response.status == 404 and method == "GET":
            return None
        if response.status >= 300:
            text = response.data.decode("utf-8", "replace")
            raise LocalCloudError(f"{method} {path} failed with status {response.status}: {_message(text)}")
        return json.loads(response.data)


def _message(text: str) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.strip().splitlines()[0] if text.strip() else "no reason given"
