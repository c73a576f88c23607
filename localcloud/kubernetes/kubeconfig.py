"""Reading a kubeconfig: where the API server is, and how to prove who we are."""

from __future__ import annotations

import base64
import binascii
import os
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes.client import Configuration
from kubernetes.config import ConfigException, load_kube_config_from_dict

from localcloud.endpoint import require_local
from localcloud.resource import LocalError


@dataclass(frozen=True)
class Access:
    """A way to one API server: its URL, TLS (None for plain HTTP), headers made anew for each request."""

    url: str
    tls: ssl.SSLContext | None
    headers: Callable[[], dict[str, str]]
    namespace: str
    server_name: str | None = None


def load_access(kubeconfig: str | None, context: str | None, cluster: str | None) -> Access:
    """Return the access that a kubeconfig gives; raise LocalError when it can't be used.

    kubeconfig: its contents (JSON or YAML), or paths as in ``$KUBECONFIG``; that variable, else
    ``~/.kube/config``, when None. context, cluster: names of entries to use in place of the current ones.
    """
    config, place = _contents(kubeconfig)
    chosen = context or config.get("current-context")
    if not chosen:
        raise LocalError(f"{place}: no current-context is set; set provider setting context")
    entry = _named(config, "contexts", "context", chosen, place)
    if cluster is not None:
        _named(config, "clusters", "cluster", cluster, place)
        entry = {**entry, "cluster": cluster}
        config = {**config, "contexts": [{"name": chosen, "context": entry}]}
    server = _named(config, "clusters", "cluster", entry.get("cluster"), place).get("server", "")
    require_local(server, "the Kubernetes API server")
    configuration = Configuration()
    # The loader wants keys as files; they are gone as soon as the TLS context has read them.
    with tempfile.TemporaryDirectory(prefix="kube-") as folder:
        try:
            load_kube_config_from_dict(
                _in_files(config, Path(folder)),
                context=chosen,
                client_configuration=configuration,
                persist_config=False,
                temp_file_path=folder,
            )
            tls = _tls(configuration) if server.startswith("https") else None
        except (ConfigException, OSError, ssl.SSLError, binascii.Error) as error:
            raise LocalError(f"{place}: context {chosen}: {' '.join(str(error).split())}") from None
    return Access(
        url=server.rstrip("/"),
        tls=tls,
        headers=lambda: _headers(configuration),
        namespace=entry.get("namespace") or "default",
        server_name=configuration.tls_server_name,
    )


def _contents(given: str | None) -> tuple[dict[str, Any], str]:
    """Return a kubeconfig as a dict, and what to call it in a message."""
    if given:
        try:
            parsed = yaml.safe_load(given)
        except yaml.YAMLError:
            raise LocalError("provider setting kubeconfig: neither a path nor YAML or JSON") from None
        if isinstance(parsed, dict):
            return parsed, "provider setting kubeconfig"
    paths = given or os.environ.get("KUBECONFIG") or str(Path("~/.kube/config").expanduser())
    if not any(Path(path).expanduser().is_file() for path in paths.split(os.pathsep) if path):
        raise LocalError(
            f"there is no kubeconfig at {paths}; start the local cloud (`understudy local up`) and load its "
            'environment (`eval "$(understudy env)"`)'
        )
    merged: dict[str, Any] = {}
    for path in paths.split(os.pathsep):
        file = Path(path).expanduser()
        if path and file.is_file():
            _merge(merged, file)
    return merged, f"kubeconfig {paths}"


def _merge(merged: dict[str, Any], file: Path) -> None:
    """Add one file of a kubeconfig; what an earlier file says stands. Paths in it start at its folder."""
    try:
        config = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise LocalError(f"kubeconfig {file}: {' '.join(str(error).split())}") from None
    if not isinstance(config, dict):
        raise LocalError(f"kubeconfig {file} holds no configuration; make it anew (`understudy local up`)")
    for section, key in _SECTIONS:
        known = merged.setdefault(section, [])
        for entry in config.get(section) or []:
            if all(entry.get("name") != each.get("name") for each in known):
                body = {
                    name: str(file.parent / value) if name in _FILES and value else value
                    for name, value in (entry.get(key) or {}).items()
                }
                known.append({**entry, key: body})
    if not merged.get("current-context"):
        merged["current-context"] = config.get("current-context")


_SECTIONS = (("clusters", "cluster"), ("contexts", "context"), ("users", "user"))
_FILES = frozenset({"certificate-authority", "client-certificate", "client-key", "tokenFile"})


def _in_files(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a kubeconfig whose certificates and keys stand in files of `folder`."""
    changed = dict(config)
    for section, key in _SECTIONS:
        entries: list[dict[str, Any]] = []
        for index, entry in enumerate(config.get(section) or []):
            body = dict(entry.get(key) or {})
            for name in _FILES:
                data = body.pop(f"{name}-data", None)
                if data:
                    file = folder / f"{section}-{index}-{name}"
                    file.touch(mode=0o600)
                    file.write_bytes(base64.b64decode(data))
                    body[name] = str(file)
            entries.append({**entry, key: body})
        changed[section] = entries
    return changed


def _named(config: dict[str, Any], section: str, key: str, name: Any, place: str) -> dict[str, Any]:
    entries = config.get(section) or []
    for entry in entries:
        if entry.get("name") == name:
            return entry.get(key) or {}
    known = ", ".join(str(entry.get("name")) for entry in entries) or "none"
    raise LocalError(f"{place}: there is no {key} {name!r}; those there are: {known}")


def _tls(configuration: Configuration) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    return context


def _headers(configuration: Configuration) -> dict[str, str]:
    """Return the headers of one request; a token that runs out is renewed by the official loader."""
    token = configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
    if token:
        return {"authorization": token}
    if configuration.username or configuration.password:
        return {"authorization": configuration.get_basic_auth_token() or ""}
    return {}
