"""The way to an API server: kubeconfigs, requests, retries, errors."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud.kubernetes.annotations import check_annotations, propagation, timeout_seconds
from localcloud.kubernetes.applying import Applier
from localcloud.kubernetes.client import Client
from localcloud.kubernetes.decode import decode_yaml
from localcloud.kubernetes.discovery import Discovery, known_cluster_wide
from localcloud.kubernetes.gvk import parse_token
from localcloud.kubernetes.kubeconfig import load_access
from localcloud.kubernetes.package import KubernetesPackage
from localcloud.kubernetes.preview import expected_state
from localcloud.kubernetes.problems import ApiError, UnknownKind, Unreachable, error_from, without
from localcloud.resource import CheckRequest, LocalError
from localcloud.values import UNKNOWN, Secret

pytestmark = pytest.mark.enable_socket


class Server:
    """Answers with what the test says, in turn; the last answer stays. Notes every request."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = [(200, {})]
        self.requests: list[tuple[str, str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                outer.requests.append((self.command, self.path, self.rfile.read(length).decode()))
                status, body = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PATCH = do_DELETE = _answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def config(server: str, **user: Any) -> dict[str, Any]:
    return {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
        "current-context": "x",
    }


def client(server: Server) -> Client:
    return Client(load_access(json.dumps(config(server.url, token="t0k")), None, None))


@pytest.mark.parametrize("dump", [json.dumps, yaml.safe_dump])
def test_a_kubeconfig_by_its_contents(dump: Any) -> None:
    access = load_access(dump(config("http://127.0.0.1:1", token="abc")), None, None)
    assert (access.url, access.namespace, access.tls) == ("http://127.0.0.1:1", "shop", None)
    assert access.headers() == {"authorization": "Bearer abc"}


def test_kubeconfigs_by_path_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    (tmp_path / "token").write_text("from-file")
    first.write_text(yaml.safe_dump({"current-context": "x", "contexts": config("")["contexts"]}))
    second.write_text(yaml.safe_dump(config("http://127.0.0.1:2", tokenFile="token")))
    monkeypatch.setenv("KUBECONFIG", f"{first}:{second}:{tmp_path / 'none'}")
    access = load_access(None, None, None)
    assert access.url == "http://127.0.0.1:2"
    assert access.headers() == {"authorization": "Bearer from-file"}


def test_no_key_is_left_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    broken = base64.b64encode(b"no certificate").decode()
    data = {"client-certificate-data": broken, "client-key-data": broken}
    with pytest.raises(LocalError, match="context x"):
        load_access(json.dumps(config("https://127.0.0.1:1", **data)), None, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "context", "cluster", "says"),
    [
        (json.dumps(config("http://127.0.0.1:1")), "y", None, "no context 'y'; those there are: x"),
        (json.dumps(config("http://127.0.0.1:1")), None, "d", "no cluster 'd'; those there are: c"),
        (json.dumps({"clusters": []}), None, None, "no current-context"),
        (json.dumps(config("https://192.0.2.1:1")), None, None, "not on this machine.*official plugin"),
        ("/nowhere/kubeconfig", None, None, "no kubeconfig at /nowhere"),
        ("a: [", None, None, "neither a path nor YAML"),
    ],
)
def test_a_kubeconfig_that_does_not_work(
    text: str, context: str | None, cluster: str | None, says: str
) -> None:
    with pytest.raises(LocalError, match=says) as caught:
        load_access(text, context, cluster)
    assert "\n" not in str(caught.value)


def test_an_apply_and_what_it_asks(server: Server) -> None:
    server.answers = [(200, {"kind": "X"})]
    made = client(server).apply("/api/v1/x", {"a": 1}, manager="m", force=True, dry_run=True)
    assert made == {"kind": "X"}
    method, path, body = server.requests[0]
    assert (method, json.loads(body)) == ("PATCH", {"a": 1})
    assert path == "/api/v1/x?fieldManager=m&force=true&dryRun=All"


def test_a_busy_server_is_asked_again(server: Server) -> None:
    server.answers = [(500, {}), (429, {}), (503, {}), (200, {"ok": 1})]
    assert client(server).get("/x") == {"ok": 1}
    assert len(server.requests) == 4


def test_a_server_that_is_not_there() -> None:
    gone = Client(load_access(json.dumps(config("http://127.0.0.1:1")), None, None))
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 gives no answer .*refused.*local up") as caught:
        gone.get("/x")
    assert "\n" not in str(caught.value)


def status(code: int, reason: str, message: str, *causes: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "kind": "Status",
        "code": code,
        "reason": reason,
        "message": message,
        "details": {"causes": [{"reason": r, "field": f, "message": m} for r, f, m in causes]},
    }


CONFLICT = status(
    409, "Conflict", "Apply failed", ("FieldManagerConflict", ".spec.replicas", 'conflict with "hpa" using x')
)
BY_HAND = status(
    409, "Conflict", "Apply failed", ("FieldManagerConflict", ".spec.x", 'conflict with "kubectl-edit" using')
)


def test_conflicts(server: Server) -> None:
    server.answers = [(409, CONFLICT)]
    applier = Applier(client(server), "m", force=False)
    with pytest.raises(LocalError, match=r"Pod a: another manager owns \.spec\.replicas \(set by hpa\)"):
        applier.apply("/x", {"kind": "Pod", "metadata": {"name": "a"}})
    server.answers = [(409, BY_HAND), (200, {"done": 1})]
    assert applier.apply("/x", {}) == {"done": 1}
    assert "force=true" in server.requests[-1][1]


def test_the_error_of_a_secret_holds_none_of_its_values(server: Server) -> None:
    server.answers = [(422, status(422, "Invalid", 'data: Invalid value: "c2VjcmV0"'))]
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "c2VjcmV0"}}
    with pytest.raises(ApiError) as caught:
        Applier(client(server), "m", force=False).apply("/x", body)
    assert "c2VjcmV0" not in str(caught.value) and "[secret]" in str(caught.value)


def test_errors_are_one_line() -> None:
    assert "\n" not in str(error_from(400, "Bad", json.dumps({"message": "a\nb"}).encode()))
    assert "permission" in str(error_from(403, "Forbidden", json.dumps({"message": "no"}).encode()))
    assert "no JSON" in str(error_from(502, "Bad Gateway", b"no JSON"))
    assert without("a bb b", ["b", "bb", ""]) == "a [secret] [secret]"


def test_a_watch(server: Server) -> None:
    events = [
        {"type": "ADDED", "object": {"a": 1}},
        {"type": "ERROR", "object": status(410, "Expired", "old")},
    ]
    server.answers = [(200, "\n".join(json.dumps(each) for each in events).encode() + b"\n")]
    found = client(server).watch("/x", version="1", seconds=1, fieldSelector="metadata.name=a")
    assert next(found) == ("ADDED", {"a": 1})
    with pytest.raises(ApiError) as caught:
        next(found)
    assert caught.value.status == 410


def test_discovery_remembers_what_is_there_and_asks_again_for_what_is_not(server: Server) -> None:
    discovery = Discovery(client(server))
    kind = parse_token("kubernetes:stable.example.com/v1:CronTab")
    server.answers = [
        (404, {}),
        (200, {"resources": [{"name": "crontabs", "kind": "CronTab", "namespaced": True}]}),
    ]
    with pytest.raises(UnknownKind, match="CustomResourceDefinition first"):
        discovery.served(kind)
    for _ in range(3):
        assert discovery.served(kind).path("n", "a") == "/apis/stable.example.com/v1/namespaces/n/crontabs/a"
    assert len(server.requests) == 2


def test_built_in_kinds_without_namespaces() -> None:
    assert known_cluster_wide(parse_token("kubernetes:core/v1:Namespace"))
    assert not known_cluster_wide(parse_token("kubernetes:apps/v1:Deployment"))
    assert not known_cluster_wide(parse_token("kubernetes:example.com/v1:Namespace"))


# -- check, preview, annotations, YAML --------------------------------------------------------------


def package(**settings: Any) -> KubernetesPackage:
    made = KubernetesPackage()
    made.configure({"kubeconfig": json.dumps(config("http://127.0.0.1:1")), **settings})
    return made


def check(token: str, new: Any, old: Any = None, **settings: Any) -> tuple[Any, dict[str, str]]:
    request = CheckRequest(
        urn=f"urn:pulumi:s::p::{token}::web", name="web", old=old or {}, new=new, seed=b"1"
    )
    found = package(**settings).resource(token).check(request)
    return found.inputs, dict(found.failures)


def test_check_names_places_and_marks() -> None:
    inputs, failures = check("kubernetes:apps/v1:Deployment", {"spec": {}})
    assert not failures
    assert inputs["apiVersion"] == "apps/v1" and inputs["kind"] == "Deployment"
    name = inputs["metadata"]["name"]
    assert name.startswith("web-") and len(name) == 12
    assert inputs["metadata"]["namespace"] == "shop"
    assert inputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    again, _ = check(
        "kubernetes:apps/v1:Deployment", {"spec": {}}, {**inputs, "metadata": inputs["metadata"]}
    )
    assert again == inputs
    elsewhere, _ = check("kubernetes:apps/v1:Deployment", {}, namespace="other")
    assert elsewhere["metadata"]["namespace"] == "other"
    cluster_wide, _ = check("kubernetes:core/v1:Namespace", {"metadata": {"name": "a"}})
    assert cluster_wide["metadata"] == {"name": "a"}


def test_check_refuses() -> None:
    token = "kubernetes:core/v1:Pod"
    assert "metadata.generateName" in check(token, {"metadata": {"generateName": "a-"}})[1]
    assert "metadata.name" in check(token, {"metadata": {"name": "no name"}})[1]
    assert "kind" in check(token, {"kind": "Service"})[1]
    assert "apiVersion" in check(token, {"apiVersion": "v2"})[1]
    assert "metadata" in check(token, {"metadata": 1})[1]
    assert check(token, {"metadata": UNKNOWN})[1] == {}
    unknown_name, failures = check(token, {"metadata": {"name": UNKNOWN}})
    assert not failures and unknown_name["metadata"]["name"] is UNKNOWN


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("pulumi.com/timeoutSeconds", "soon"),
        ("pulumi.com/skipAwait", "yes"),
        ("pulumi.com/patchForce", "1"),
        ("pulumi.com/replaceUnready", "true"),
        ("pulumi.com/deletionPropagationPolicy", "never"),
        ("pulumi.com/waitFor", "Ready"),
    ],
)
def test_an_annotation_that_can_not_be_honoured_is_refused(annotation: str, value: str) -> None:
    _inputs, failures = check("kubernetes:core/v1:Pod", {"metadata": {"annotations": {annotation: value}}})
    assert list(failures) == [f'metadata.annotations["{annotation}"]']


def test_annotations() -> None:
    job = {
        "metadata": {"annotations": {"pulumi.com/replaceUnready": "true", "pulumi.com/timeoutSeconds": "7"}}
    }
    assert check_annotations(job, "Job") == []
    assert timeout_seconds(job) == 7
    pod, secret = parse_token("kubernetes:core/v1:Pod"), parse_token("kubernetes:core/v1:Secret")
    assert (propagation(job, pod), propagation(job, secret)) == ("Foreground", "Background")
    orphan = {"metadata": {"annotations": {"pulumi.com/deletionPropagationPolicy": "Orphan"}}}
    assert propagation(orphan, secret) == "Orphan"


def test_a_secret_is_sealed_at_check() -> None:
    inputs, _ = check("kubernetes:core/v1:Secret", {"stringData": {"a": "b"}})
    assert inputs["stringData"] == Secret({"a": "b"})


def test_a_preview_without_an_api_server_shows_the_inputs() -> None:
    kind = package().resource("kubernetes:core/v1:Service")
    inputs, _ = check("kubernetes:core/v1:Service", {"metadata": {"name": "a"}, "spec": {"ports": []}})
    shown = kind.preview(inputs, None, None)
    assert shown["spec"]["ports"] == [] and shown["spec"]["clusterIP"] is UNKNOWN
    assert shown["status"] is UNKNOWN and shown["metadata"]["uid"] is UNKNOWN


def test_a_kubeconfig_that_is_not_known_yet_is_enough_for_a_preview() -> None:
    unknown = KubernetesPackage()
    unknown.configure({"kubeconfig": UNKNOWN})
    kind = unknown.resource("kubernetes:core/v1:ConfigMap")
    request = CheckRequest(urn="u", name="a", old={}, new={"data": {"a": "b"}}, seed=b"1")
    inputs = kind.check(request).inputs
    assert kind.preview(inputs, None, None)["data"] == {"a": "b"}


def test_the_expected_state_of_an_update_keeps_what_stays() -> None:
    state = {"metadata": {"name": "a", "uid": "1"}, "spec": {"a": 1, "b": 2}, "status": {"x": 1}}
    shown = expected_state({"metadata": {"name": "a"}, "spec": {"a": UNKNOWN}}, state, None)
    assert shown["metadata"]["uid"] == "1"
    assert shown["spec"] == {"a": UNKNOWN, "b": 2}
    assert shown["status"] is UNKNOWN


def test_yaml() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n---\na: 1\n---\n"
    text += "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {day: 2026-01-01}\n"
    found = decode_yaml(text, "shop")
    assert [each["kind"] for each in found] == ["Pod", "ConfigMap"]
    assert found[1]["data"] == {"day": "2026-01-01"}
    assert found[0]["metadata"]["namespace"] == "shop"
    with pytest.raises(LocalError, match="can't be read"):
        decode_yaml("a: [")
