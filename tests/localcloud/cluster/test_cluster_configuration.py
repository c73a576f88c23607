"""Configuration files and command lines: addresses from the plan, nothing open, nothing secret in sight."""

import json
import re
import tomllib
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml

from localcloud.cluster import addons, configuration, servers
from localcloud.cluster.binaries import COREDNS_VERSION, KUBERNETES_VERSION, POLICIES_VERSION
from localcloud.cluster.certs import KeyPair
from localcloud.cluster.layout import Layout
from localcloud.cluster.plan import NetworkPlan

PLAN = NetworkPlan(block=IPv4Network("10.200.0.0/16"))
PORTS = servers.ControlPlanePorts(api=1, etcd=2, etcd_peer=3)
NAMES = ("ca", "service-account", "apiserver", "etcd", "etcd-client", "apiserver-kubelet-client", "admin")
PAIRS = {name: KeyPair(certificate=Path(f"/pki/{name}.crt"), key=Path(f"/pki/{name}.key")) for name in NAMES}
MODULE = Path(configuration.__file__).with_name("build")


def control_plane() -> dict[str, servers.Server]:
    layout = Layout(data_dir=Path("/data"))
    found = servers.control_plane(layout, PLAN, PORTS, PAIRS, Path("/bin/kubernetes"))
    return {server.name: server for server in found}


def test_servers_come_in_the_order_of_their_names():
    assert tuple(control_plane()) == servers.CONTROL_PLANE
    last = servers.network_policies(Layout(data_dir=Path("/data")), Path("/cache/network-policies"))
    assert tuple(server.name for server in (*servers.node_servers(PLAN), last)) == servers.NODE_SERVERS


def test_whatever_listens_does_so_on_the_host_address_and_asks_for_a_certificate():
    etcd, api = control_plane()["etcd"].argv, control_plane()["kube-apiserver"].argv
    listening = [each.split("=", 1)[1] for each in etcd if each.startswith("--listen")]
    assert listening == ["https://10.200.0.1:2", "https://10.200.0.1:3"]
    assert {"--client-cert-auth", "--peer-client-cert-auth"} <= set(etcd)
    assert {"--bind-address=10.200.0.1", "--secure-port=1", "--authorization-mode=Node,RBAC"} <= set(api)
    for name in ("kube-controller-manager", "kube-scheduler"):
        assert "--secure-port=0" in control_plane()[name].argv


def test_nobody_is_anonymous_to_the_kubelet():
    kubelet = yaml.safe_load(configuration.kubelet(PLAN, control_group="understudy-x"))
    assert kubelet["authentication"]["anonymous"] == {"enabled": False}
    assert kubelet["authorization"] == {"mode": "Webhook"}
    assert kubelet["address"] == "10.200.0.2"
    assert kubelet["clusterDNS"] == ["10.200.128.10"]
    assert kubelet["cgroupRoot"] == "/understudy-x"


def test_a_full_disk_evicts_nothing_and_images_are_never_collected():
    kubelet = yaml.safe_load(configuration.kubelet(PLAN, control_group="x"))
    assert kubelet["imageGCHighThresholdPercent"] == 100
    assert not any("fs" in signal for signal in kubelet["evictionHard"])


def test_containerd_and_the_pod_network_are_well_formed():
    parsed = tomllib.loads(configuration.containerd(cni_plugins=Path("/c"), sandbox_image="p:1"))
    cri = parsed["plugins"]["io.containerd.grpc.v1.cri"]
    assert (cri["sandbox_image"], cri["cni"]["bin_dir"], cri["restrict_oom_score_adj"]) == ("p:1", "/c", True)
    network = json.loads(configuration.cni(PLAN))
    assert network["plugins"][0]["ipam"]["ranges"] == [[{"subnet": "10.200.64.0/18"}]]


def test_a_kubeconfig_needs_no_other_file(tmp_path: Path):
    for name in ("ca.crt", "me.crt", "me.key"):
        (tmp_path / name).write_text(name)
    text = configuration.kubeconfig(
        server="https://10.200.0.1:1",
        name="understudy-x",
        authority=tmp_path / "ca.crt",
        client=KeyPair(certificate=tmp_path / "me.crt", key=tmp_path / "me.key"),
    )
    assert str(tmp_path) not in text
    assert yaml.safe_load(text)["current-context"] == "understudy-x"


def test_the_dns_service_has_the_address_that_pods_are_told():
    documents = dict(addons.documents(PLAN, image="coredns:1"))
    service = documents["/api/v1/namespaces/kube-system/services/kube-dns"]
    assert service["spec"]["clusterIP"] == "10.200.128.10"
    assert {port["port"] for port in service["spec"]["ports"]} == {53}


def test_the_dns_pod_meets_the_restricted_standard():
    documents = dict(addons.documents(PLAN, image="coredns:1"))
    deployment = documents["/apis/apps/v1/namespaces/kube-system/deployments/coredns"]
    context = deployment["spec"]["template"]["spec"]["containers"][0]["securityContext"]
    assert context == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_every_plugin_that_the_corefile_names_is_built_in():
    used = set(re.findall(r"^    (\w+)", addons.corefile(), re.MULTILINE))
    built = set(re.findall(r'coredns/plugin/(\w+)"', (MODULE / "coredns" / "main.go").read_text()))
    assert used == built


@pytest.mark.parametrize(
    ("folder", "module", "version"),
    [
        ("build", "k8s.io/kubernetes", KUBERNETES_VERSION),
        ("build", "github.com/coredns/coredns", COREDNS_VERSION),
        ("policies", "sigs.k8s.io/kube-network-policies", POLICIES_VERSION),
        ("policies", "k8s.io/client-go", f"0.{KUBERNETES_VERSION.partition('.')[2]}"),
    ],
)
def test_the_module_pins_the_versions_that_messages_name(folder: str, module: str, version: str):
    text = (MODULE.parent / folder / "go.mod").read_text()
    assert re.findall(rf"^\t{re.escape(module)} v(\S+)$", text, re.MULTILINE) == [version]


def test_new_connections_of_pods_are_asked_about_and_pass_while_nobody_answers():
    rules = configuration.policy_rules(PLAN).splitlines()
    queued = [rule for rule in rules if "NFQUEUE" in rule]
    assert [rule.split()[2:4] for rule in queued] == [["-s", str(PLAN.pods)], ["-d", str(PLAN.pods)]]
    assert all("--queue-bypass" in rule for rule in queued)
    # Open connections and the kubelet's probes never wait for an answer.
    assert "ESTABLISHED,RELATED -j RETURN" in rules[2]
    assert "--uid-owner 0 -j RETURN" in rules[3]


def test_the_enforcer_may_read_what_it_needs_and_no_secret():
    documents = dict(addons.documents(PLAN, image="coredns:1"))
    role = documents["/apis/rbac.authorization.k8s.io/v1/clusterroles/understudy:network-policies"]
    read = {resource for rule in role["rules"] for resource in rule["resources"]}
    assert read == {"pods", "namespaces", "networkpolicies"}
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"list", "watch"}
