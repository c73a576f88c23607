"""Network policies: who may reach a service's pods, and what these may reach. No resource is made here.

A namespace denies both ways by default (`Namespace`). Probes need no rule: traffic between a pod and its
own node is always allowed, which holds for the node's kubelet.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi
from pulumi_kubernetes import meta, networking

from components.access import ToPods, Use
from components.checks import InvalidArgument

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""Label with the name of a namespace; the API server sets it."""
ANYWHERE = "0.0.0.0/0"
# Credentials of the node are to be had at this address, which is no business of a pod.
_LINK_LOCAL = "169.254.0.0/16"
_WEB_PORTS = {"http": 80, "https": 443}

Peer = networking.v1.NetworkPolicyPeerArgs


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a URL leads: one address, a namespace of the cluster, or (both absent) anywhere."""

    port: int
    block: str | None = None
    namespace: str | None = None


def address_of(field: str, url: str) -> Address:
    """Where a URL leads, as far as can be said without asking a name server.

    >>> address_of("endpoint", "http://10.213.0.1:5000")
    Address(port=5000, block='10.213.0.1/32', namespace=None)
    >>> address_of("endpoint", "http://collector.observability.svc:4317").namespace
    'observability'

    Raises:
        InvalidArgument: the text is no URL of a web server.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _WEB_PORTS[parts.scheme]
    except (AttributeError, KeyError, TypeError, ValueError):
        host, port = None, 0
    if not host:
        raise InvalidArgument(field, url, "use a URL such as http://10.0.0.1:5000")
    try:
        return Address(port=port, block=str(ipaddress.ip_network(host)))
    except ValueError:
        labels = host.split(".")
        # `name.namespace`, or with the cluster's own ending behind it.
        inside = len(labels) == 2 or labels[2:3] == ["svc"]
        return Address(port=port, namespace=labels[1] if inside else None)


def beside(endpoint: str | None) -> list[str]:
    """The block of the machine that an endpoint names: a local cloud keeps its databases on it, too.

    >>> beside("http://10.213.0.1:5000")
    ['10.213.0.1/32']
    """
    block = None if endpoint is None else address_of("endpoint", endpoint).block
    return [] if block is None else [block]


def check_blocks(field: str, blocks: Sequence[str]) -> None:
    """Refuse whatever is no IPv4 block."""
    mend = "use IPv4 blocks such as 10.0.0.0/16"
    for block in blocks:
        try:
            ipaddress.IPv4Network(block)
        except ValueError:
            raise InvalidArgument(field, block, mend) from None


def in_blocks(blocks: Sequence[pulumi.Input[str]]) -> list[Peer]:
    """Addresses in IPv4 blocks."""
    return [Peer(ip_block=_block(block)) for block in blocks]


def in_namespace(name: pulumi.Input[str], selector: Mapping[str, str] | None = None) -> Peer:
    """Pods of a namespace: those with the labels of `selector`, else all of them."""
    return Peer(
        namespace_selector=meta.v1.LabelSelectorArgs(match_labels={NAMESPACE_LABEL: name}),
        pod_selector=None if selector is None else meta.v1.LabelSelectorArgs(match_labels=selector),
    )


def service_rules(
    *,
    selector: Mapping[str, str],
    uses: Sequence[Use],
    aws_endpoint: str | None,
    aws_blocks: Sequence[str],
    collector: str | None,
) -> networking.v1.NetworkPolicySpecArgs:
    """The policy of a service's own pods: nobody in, and out to what the service uses.

    Whoever calls the service brings a policy that lets itself in (`caller_rules`).

    Args:
        selector: labels of the service's pods.
        uses: what it uses.
        aws_endpoint: where AWS's API is reached; at AWS's own addresses when absent.
        aws_blocks: IPv4 blocks of AWS's own addresses.
        collector: where traces and metrics are sent, if they are.
    """
    out = [_names()]
    if aws_endpoint is None:
        out.append(_egress(in_blocks(aws_blocks), 443))
    else:
        out.append(_to_url("aws_endpoint", aws_endpoint))
    if collector is not None:
        out.append(_to_url("telemetry", collector))
    for use in uses:
        out += [_egress(in_blocks(way.blocks), way.port) for way in use.addresses]
        out += [_egress([in_namespace(way.namespace, way.selector)], way.port) for way in use.pods]
    return networking.v1.NetworkPolicySpecArgs(
        pod_selector=meta.v1.LabelSelectorArgs(match_labels=selector),
        policy_types=["Ingress", "Egress"],
        ingress=[],
        egress=out,
    )


def caller_rules(
    way: ToPods, *, selector: Mapping[str, str], namespace: pulumi.Input[str]
) -> networking.v1.NetworkPolicySpecArgs:
    """The policy that lets the pods with `selector` in `namespace` reach the other end of `way`."""
    return entry_rules(way.selector, [in_namespace(namespace, selector)], [way.port])


def entry_rules(
    selector: Mapping[str, str], peers: Sequence[Peer], ports: Sequence[int]
) -> networking.v1.NetworkPolicySpecArgs:
    """A policy that lets `peers` reach some ports of the pods with `selector`."""
    rule = networking.v1.NetworkPolicyIngressRuleArgs(from_=list(peers), ports=[_tcp(port) for port in ports])
    return networking.v1.NetworkPolicySpecArgs(
        pod_selector=meta.v1.LabelSelectorArgs(match_labels=selector),
        policy_types=["Ingress"],
        ingress=[rule],
    )


def deny_rules() -> networking.v1.NetworkPolicySpecArgs:
    """The policy that denies every pod of a namespace whatever no other policy allows."""
    return networking.v1.NetworkPolicySpecArgs(
        pod_selector=meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
    )


def _names() -> networking.v1.NetworkPolicyEgressRuleArgs:
    """The way to the cluster's name server."""
    port = networking.v1.NetworkPolicyPortArgs
    return networking.v1.NetworkPolicyEgressRuleArgs(
        to=[in_namespace("kube-system", {"k8s-app": "kube-dns"})],
        ports=[port(protocol="UDP", port=53), port(protocol="TCP", port=53)],
    )


def _to_url(field: str, url: str) -> networking.v1.NetworkPolicyEgressRuleArgs:
    where = address_of(field, url)
    if where.namespace is not None:
        return _egress([in_namespace(where.namespace)], where.port)
    return _egress(in_blocks([where.block or ANYWHERE]), where.port)


def _egress(peers: Sequence[Peer], port: pulumi.Input[int]) -> networking.v1.NetworkPolicyEgressRuleArgs:
    return networking.v1.NetworkPolicyEgressRuleArgs(to=list(peers), ports=[_tcp(port)])


def _tcp(port: pulumi.Input[int]) -> networking.v1.NetworkPolicyPortArgs:
    return networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=port)


def _block(block: pulumi.Input[str]) -> networking.v1.IPBlockArgs:
    exceptions = [_LINK_LOCAL] if block == ANYWHERE else None
    return networking.v1.IPBlockArgs(cidr=block, except_=exceptions)
