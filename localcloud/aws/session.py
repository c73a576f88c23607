"""Clients of the local AWS endpoint: one per service and region, shared by all calls of the plugin."""

from __future__ import annotations

import os
import socket
import threading
from typing import Any, Final
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from localcloud.aws.endpoints import endpoint_of
from localcloud.aws.settings import Settings
from localcloud.endpoint import require_local
from localcloud.resource import LocalError

CONNECT_TIMEOUT: Final = 2.0
"""Seconds; a server on this machine answers at once or not at all."""

READ_TIMEOUT: Final = 60.0
"""Seconds that one call may take."""

CONNECTIONS: Final = 50
"""Kept open per client; as many as the plugin has workers, so that none waits for another."""

# Attempts to reach an endpoint that refuses connections: enough for a server that is being restarted.
_REFUSED_ATTEMPTS = 3

# Variables of botocore that a user's own AWS set-up must not bend: (configuration file, variable, default).
_OWN_CONFIGURATION = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ca_bundle": (None, None, None, None),
}


class AwsSession:
    """The configured connection to the local endpoint. Thread-safe; clients are made when first asked for."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._settings: Settings | None = None
        self._botocore: botocore.session.Session | None = None
        self._account: str | None = None
        self._locks: dict[str, threading.RLock] = {}

    def configure(self, settings: Settings) -> None:
        """Use `settings` from now on; raise LocalError when the endpoint is not local or not there."""
        with self._lock:
            self._settings = settings
            self._clients.clear()
            self._account = None
        require_reachable(self.endpoint("sts"))
        for url in settings.endpoints.values():
            require_local(url, "the provider setting aws:endpoints")
        if settings.allowed_accounts or settings.forbidden_accounts:
            self._check_account(settings)

    @property
    def settings(self) -> Settings:
        """The settings in use."""
        if self._settings is None:
            raise LocalError(
                "the aws plugin was asked to work before it was configured; run the update again"
            )
        return self._settings

    @property
    def region(self) -> str:
        """The provider's region, used by resources that name none."""
        return self.settings.region

    def endpoint(self, service: str) -> str:
        """Return the local URL of `service`."""
        url = endpoint_of(service, self.settings.endpoints, self.settings.environment)
        if url is None:
            raise LocalError(
                f"no local endpoint for AWS {service}: neither aws:endpoints nor AWS_ENDPOINT_URL names one; "
                'run `eval "$(understudy env)"`'
            )
        return require_local(url, f"the AWS endpoint of {service}")

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the botocore client of `service` (boto3's name for it) in `region`."""
        key = service, region or self.region
        client = self._clients.get(key)
        if client is None:
            with self._lock:
                client = self._clients.get(key) or self._make(*key)
                self._clients[key] = client
        return client

    def account_id(self) -> str:
        """Return the account's id; asked for once."""
        if self._account is None:
            self._account = str(self.client("sts").get_caller_identity()["Account"])
        return self._account

    def lock(self, what: str) -> threading.RLock:
        """Return the lock of one thing, for types that must read it before they write it.

        >>> with session.lock(f"sqs {url}"): ...  # doctest: +SKIP
        """
        with self._lock:
            return self._locks.setdefault(what, threading.RLock())

    def partition(self, region: str | None = None) -> str:
        """Return the partition of `region`: ``aws``, ``aws-cn``, …"""
        return partition_of(region or self.region)

    def regions(self) -> dict[str, str]:
        """Return the regions of all partitions with their descriptions."""
        with self._lock:
            data = self._core().get_data("endpoints")
        return {
            name: region["description"]
            for partition in data["partitions"]
            for name, region in partition["regions"].items()
        }

    # -- inside -------------------------------------------------------------------------------------

    def _make(self, service: str, region: str) -> Any:
        settings = self.settings
        client = self._core().create_client(
            service,
            region_name=region,
            endpoint_url=self.endpoint(service),
            aws_access_key_id=settings.access_key,
            aws_secret_access_key=settings.secret_key,
            aws_session_token=settings.token,
            config=Config(
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=READ_TIMEOUT,
                max_pool_connections=CONNECTIONS,
                retries={"mode": "standard", "total_max_attempts": settings.attempts},
                parameter_validation=False,
                proxies={},
                use_fips_endpoint=False,
                use_dualstack_endpoint=False,
                s3={"addressing_style": "path"},
                user_agent_extra="understudy",
            ),
        )
        client.meta.events.register_first("needs-retry.*", _give_up_on_refused)
        client.meta.events.register("before-parse.*", _blank_foreign_body)
        return client

    def _core(self) -> botocore.session.Session:
        """Return the botocore session that all clients share, and with it the data it has read."""
        if self._botocore is None:
            self._botocore = botocore.session.Session(session_vars=_OWN_CONFIGURATION)
        return self._botocore

    def _check_account(self, settings: Settings) -> None:
        account = self.account_id()
        if settings.allowed_accounts and account not in settings.allowed_accounts:
            raise LocalError(
                f"AWS account {account} is not among aws:allowedAccountIds "
                f"({', '.join(settings.allowed_accounts)}); correct the setting or the credentials"
            )
        if account in settings.forbidden_accounts:
            raise LocalError(
                f"AWS account {account} is among aws:forbiddenAccountIds; "
                "correct the setting or the credentials"
            )


def require_reachable(url: str) -> None:
    """Raise LocalError if nothing listens at `url`."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=CONNECT_TIMEOUT).close()
    except OSError:
        raise LocalError(unreachable(url)) from None


def unreachable(url: str) -> str:
    """Return the line for an endpoint where nothing listens."""
    return f"the local AWS endpoint {url} can't be reached; start it with `understudy local up`"


def partition_of(region: str) -> str:
    """Return the partition of a region by its name.

    >>> partition_of("cn-north-1"), partition_of("eu-central-1")
    ('aws-cn', 'aws')
    """
    prefixes = {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-iso-": "aws-iso",
        "us-isob-": "aws-iso-b",
        "eu-isoe-": "aws-iso-e",
        "us-isof-": "aws-iso-f",
        "eusc-": "aws-eusc",
    }
    return next((name for prefix, name in prefixes.items() if region.startswith(prefix)), "aws")


def code_of(error: BaseException) -> str:
    """Return the service's error code, or an empty string for any other error."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def _give_up_on_refused(attempts: int, caught_exception: Exception | None, **_rest: Any) -> None:
    """Stop early when nothing listens: the usual retries would go on for a minute."""
    refused = isinstance(caught_exception, EndpointConnectionError | ConnectTimeoutError)
    if refused and attempts >= _REFUSED_ATTEMPTS and caught_exception is not None:
        raise caught_exception


def _blank_foreign_body(response_dict: dict[str, Any], **_rest: Any) -> None:
    """Drop what a broken server says in its own words, which the EC2 parser would trip over.

    An empty body with such a status is read as a plain server error, and retried as one.
    """
    body = response_dict["body"].lstrip() if isinstance(response_dict["body"], bytes) else b""
    structured = body.startswith((b"<?xml", b"<Error", b"<Response", b"{"))
    if response_dict["status_code"] >= 500 and not structured:
        response_dict["body"] = b""
