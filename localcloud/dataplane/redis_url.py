"""Caches on a Redis server of the user's own: one more password for its default user per group.

The server keeps passwords as SHA-256 digests; so does the record of what is ours.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from localcloud.dataplane.model import AuthStrategy, CacheSpec, CacheState, Endpoint, check_identifier
from localcloud.dataplane.place import Place
from localcloud.dataplane.redis_parameters import bad_parameter, check_version, directives
from localcloud.dataplane.redis_server import check_token, digest
from localcloud.dataplane.redis_tokens import tokens_after
from localcloud.dataplane.urls import client_endpoint
from localcloud.errors import LocalCloudError
from localcloud.files import locked, write_atomic


class UrlCaches:
    """See `localcloud.dataplane.model.Caches`."""

    def __init__(self, place: Place, url: str, host_address: str) -> None:
        self._url = url
        self._host_address = host_address
        self._file = place.data / "redis-url.json"
        self._lock = place.locks / "redis-url.lock"

    def versions(self) -> tuple[str, ...]:
        """The version of the server."""
        with self._admin() as client:
            return (_version(client),)

    def check(self, engine_version: str, parameters: Mapping[str, str]) -> None:
        """Refuse another major version and a parameter whose value the server does not have already."""
        with self._admin() as client:
            check_version(engine_version, _version(client))
            _check_parameters(client, parameters)

    def create(self, spec: CacheSpec) -> Endpoint:
        """Give the default user one more password, or check that it needs none."""
        check_identifier(spec.identifier)
        endpoint = self._endpoint()
        if spec.auth_token is not None:
            check_token(spec.identifier, spec.auth_token)
        with locked(self._lock), self._admin() as client:
            check_version(spec.engine_version, _version(client))
            _check_parameters(client, spec.parameters)
            self._check_access(client, spec)
            records = self._load()
            tokens = [digest(spec.auth_token)] if spec.auth_token is not None else []
            old = records.get(spec.identifier, {}).get("tokens", [])
            records[spec.identifier] = {
                "tokens": tokens,
                "parameters": dict(spec.parameters),
                "tls": spec.tls,
            }
            self._swap(client, records, old, tokens)
        return endpoint

    def modify(
        self,
        identifier: str,
        *,
        auth_token: str | None = None,
        strategy: AuthStrategy = "SET",
        parameters: Mapping[str, str] | None = None,
        restart: bool = True,
    ) -> tuple[str, ...]:
        """Change the group's password. Parameters can't be changed on a server of the user's own."""
        del restart  # nothing here needs one
        if auth_token is not None and strategy != "DELETE":
            check_token(identifier, auth_token)
        with locked(self._lock), self._admin() as client:
            records = self._load()
            record = self._known(records, identifier)
            if parameters is not None:
                _check_parameters(client, parameters)
                record["parameters"] = dict(parameters)
            if strategy == "DELETE":
                raise LocalCloudError(
                    f"cache {identifier}: the server given with --redis asks for a password; "
                    "keep the AUTH token"
                )
            old = record["tokens"]
            record["tokens"] = tokens_after(old, auth_token, strategy)
            self._swap(client, records, old, record["tokens"])
        return ()

    def restart(self, identifier: str) -> None:
        """Do nothing: the server is not ours to restart."""
        self._known(self._load(), identifier)

    def describe(self, identifier: str) -> CacheState | None:
        """The group as it is; None when there is none."""
        record = self._load().get(check_identifier(identifier))
        if record is None:
            return None
        with self._admin() as client:
            there = _passwords(client)
            return CacheState(
                identifier=identifier,
                version=_version(client),
                tls=record["tls"],
                auth=bool(record["tokens"]),
                parameters=record["parameters"],
                endpoint=self._endpoint(),
                running=set(record["tokens"]) <= there,
            )

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such a group."""
        return check_identifier(identifier) in self._load()

    def delete(self, identifier: str) -> bool:
        """Take the group's passwords away again; its keys are the user's to keep or to remove."""
        with locked(self._lock):
            records = self._load()
            record = records.pop(check_identifier(identifier), None)
            if record is None:
                return False
            with self._admin() as client:
                self._swap(client, records, record["tokens"], [])
            return True

    def list(self) -> list[str]:
        """The identifiers of all groups."""
        return sorted(self._load())

    def restore(self) -> None:
        """Give the server the passwords again that it forgot in a restart of its own."""
        with locked(self._lock):
            tokens = [token for record in self._load().values() for token in record["tokens"]]
            if tokens:
                with self._admin() as client:
                    client.execute_command("ACL", "SETUSER", "default", *(f"#{token}" for token in tokens))

    def _swap(self, client: redis.Redis, records: dict[str, Any], old: list[str], new: list[str]) -> None:
        """Record first, then the server: what a kill leaves is found by the next run."""
        write_atomic(self._file, json.dumps(records, indent=2), 0o600)
        used = {token for record in records.values() for token in record["tokens"]}
        rules = [f"#{token}" for token in new]
        rules += [f"!{token}" for token in old if token not in used and token in _passwords(client)]
        if rules:
            client.execute_command("ACL", "SETUSER", "default", *rules)

    def _check_access(self, client: redis.Redis, spec: CacheSpec) -> None:
        if spec.tls and not self._url.startswith("rediss://"):
            raise LocalCloudError(
                f"cache {spec.identifier}: transit encryption is asked for and the server given with --redis "
                "has a redis:// URL; give a rediss:// one"
            )
        open_to_all = "nopass" in _default_user(client)["flags"]
        if spec.auth_token is not None and open_to_all:
            raise LocalCloudError(
                f"cache {spec.identifier}: the server given with --redis asks for no password, and adding "
                "one would lock its other clients out; set requirepass there and put it into the URL"
            )
        if spec.auth_token is None and not open_to_all:
            raise LocalCloudError(
                f"cache {spec.identifier}: the server given with --redis asks for a password; "
                "set an AUTH token"
            )

    def _known(self, records: dict[str, Any], identifier: str) -> dict[str, Any]:
        record = records.get(check_identifier(identifier))
        if record is None:
            raise LocalCloudError(f"cache {identifier}: there is none of this name")
        return record

    def _load(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError):
            raise LocalCloudError(
                f"{self._file} is damaged; start anew with `understudy local reset`"
            ) from None

    def _endpoint(self) -> Endpoint:
        return client_endpoint(self._url, self._host_address, 6379)

    @contextlib.contextmanager
    def _admin(self) -> Iterator[redis.Redis]:
        client = redis.Redis.from_url(
            self._url,
            decode_responses=True,
            socket_timeout=10,
            socket_connect_timeout=5,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            yield client
        except redis.RedisError as error:
            raise LocalCloudError(
                f"the Redis server given with --redis: {str(error).splitlines()[0]}"
            ) from None
        finally:
            client.close()


def _version(client: redis.Redis) -> str:
    information: Any = client.info("server")
    return str(information["redis_version"])


def _default_user(client: redis.Redis) -> dict[str, Any]:
    answer: Any = client.acl_getuser("default")
    return dict(answer)


def _passwords(client: redis.Redis) -> set[str]:
    return set(_default_user(client)["passwords"])


def _check_parameters(client: redis.Redis, parameters: Mapping[str, str]) -> None:
    """A parameter that the server has already is fine; no other can be had without changing it for all."""
    for name, wanted in directives(parameters).items():
        there: Any = client.config_get(name)
        if there.get(name) != wanted:
            raise bad_parameter(
                name,
                f"the server given with --redis has {there.get(name)!r}, not {wanted!r}; set it there",
            )
