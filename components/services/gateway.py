"""The way into an environment from outside: a host name, TLS, and an Ingress."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import meta, networking

from components import naming
from components.argument_types import check_types
from components.checks import check, check_match
from components.component import Component
from components.context import Context
from components.services.ports import Backend
from components.services.reach import check_blocks, entry_rules, in_blocks, in_namespace

_DOMAIN = r"[a-z0-9](-?[a-z0-9])*(\.[a-z0-9](-?[a-z0-9])*)+"
_LONGEST_DOMAIN = 125
"""So that two labels of 63 characters fit before it into a name of 253."""
_RECORD_SECONDS = 60
_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


@dataclass(frozen=True, kw_only=True)
class GatewayArgs:
    """Arguments of `Gateway`.

    Raises:
        InvalidArgument: a domain that is none, a path without a slash, a certificate without what it needs,
            or nobody who may come in.
    """

    context: Context
    namespace: pulumi.Input[str]
    """Kubernetes namespace of the services."""
    domain: str
    """Domain of the organisation; the host is `<gateway>.<environment>.<domain>`."""
    routes: Mapping[str, Backend]
    """Which service answers below which path, such as `{"/": shop.routed("http")}`."""
    certificate: Literal["acm", "secret"] = "acm"
    """Where TLS comes from: a certificate of ACM that is made here, for a load balancer of AWS; or a secret
    of Kubernetes that is there already, for a controller in the cluster."""
    zone_id: pulumi.Input[str] | None = None
    """Route 53 zone of the domain: for the host's record, and for the proof that ACM asks for."""
    tls_secret: str | None = None
    """Name of the Kubernetes secret with certificate and key, for `certificate="secret"`."""
    ingress_class: str = "alb"
    """Ingress class, and so which controller does the work."""
    address: pulumi.Input[str] | None = None
    """Host name of a load balancer that is there already; the one that the controller reports when absent."""
    internal: bool = False
    """Whether the load balancer has private addresses only."""
    sources: tuple[str, ...] = ()
    """IPv4 blocks that the load balancer connects from, such as the public tier of the network."""
    controller_namespace: str | None = None
    """Namespace of a controller that connects from inside of the cluster, such as `ingress-nginx`."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("domain", self.domain, _DOMAIN, "use a domain such as example.com")
        fits = len(self.domain) <= _LONGEST_DOMAIN
        check(fits, "domain", self.domain, f"use at most {_LONGEST_DOMAIN} characters")
        check(len(self.routes) > 0, "routes", self.routes, "name a path and a service, or make no gateway")
        for path in self.routes:
            check_match("routes", path, r"/[A-Za-z0-9/_.~-]*", "use a path such as /orders")
        by_acm = self.certificate == "acm"
        check(not by_acm or self.zone_id is not None, "zone_id", None, "name the zone of the domain for ACM")
        secret = "name a secret for certificate='secret', and none for ACM"  # noqa: S105 - an error's text
        check(by_acm == (self.tls_secret is None), "tls_secret", self.tls_secret, secret)
        names = (("tls_secret", self.tls_secret), ("controller_namespace", self.controller_namespace))
        for name, text in (("ingress_class", self.ingress_class), *names):
            if text is not None:
                check_match(name, text, r"[a-z0-9](-?[a-z0-9]){0,62}", "use a name of Kubernetes")
        check_blocks("sources", self.sources)
        someone = len(self.sources) > 0 or self.controller_namespace is not None
        check(someone, "sources", self.sources, "say where the load balancer or the controller connects from")


class Gateway(Component):
    """A host name of the environment's own, with TLS, behind which services answer.

    Services that nobody outside asks have none. The pods let in nobody but the load balancer, at the ports
    that are routed to.

    Example:
        >>> Gateway("shop", GatewayArgs(
        ...     context=context, namespace=namespace, domain="example.com", zone_id=zone_id,
        ...     routes={"/": shop.routed("http")}, sources=(network.plan.tier("public"),)))
    """

    token = "understudy:services:Gateway"  # noqa: S105 - a type token

    host: pulumi.Output[str]
    """Host name, such as `shop.feature-x.example.com`."""
    url: pulumi.Output[str]
    """Where it is reached, `https://…/`."""
    certificate_arn: pulumi.Output[str]
    """ARN of the certificate, once it is valid; the empty text for one from a secret."""
    ingress: networking.v1.Ingress
    """The Ingress itself."""

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        host = naming.host_name(args.domain, args.context.environment, name)
        certificate = self._certificate(host) if args.certificate == "acm" else None
        self._let_in()
        self.ingress = self._ingress(host, certificate)
        if args.zone_id is not None:
            aws.route53.Record(
                f"{name}-address",
                zone_id=args.zone_id,
                name=host,
                type="CNAME",
                ttl=_RECORD_SECONDS,
                records=[self._address()],
                opts=self.child(),
            )
        self.host = pulumi.Output.from_input(host)
        self.url = pulumi.Output.from_input(f"https://{host}/")
        self.certificate_arn = pulumi.Output.from_input("" if certificate is None else certificate)
        self.register()

    def _metadata(
        self, *pieces: str, annotations: Mapping[str, pulumi.Input[str]] | None = None
    ) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(
            name=naming.short_name(naming.KUBERNETES, self._name, *pieces),
            namespace=self._args.namespace,
            labels=self._args.context.labels(self.label),
            annotations=annotations,
        )

    def _certificate(self, host: str) -> pulumi.Output[str]:
        """The certificate and the record by which ACM sees that the domain is ours."""
        args = self._args
        certificate = aws.acm.Certificate(
            f"{self._name}-certificate",
            domain_name=host,
            validation_method="DNS",
            tags=args.context.tags(self.label, name=host),
            opts=self.child(),
        )
        asked = certificate.domain_validation_options[0]
        proof = aws.route53.Record(
            f"{self._name}-proof",
            zone_id=args.zone_id or "",
            name=asked.resource_record_name.apply(_known),
            type=asked.resource_record_type.apply(_known),
            records=[asked.resource_record_value.apply(_known)],
            ttl=_RECORD_SECONDS,
            opts=self.child(),
        )
        valid = aws.acm.CertificateValidation(
            f"{self._name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[proof.fqdn],
            opts=self.child(),
        )
        return valid.certificate_arn

    def _let_in(self) -> None:
        args = self._args
        peers = in_blocks(args.sources)
        if args.controller_namespace is not None:
            peers.append(in_namespace(args.controller_namespace))
        ports: dict[str, set[int]] = {}
        for backend in args.routes.values():
            ports.setdefault(backend.service, set()).add(backend.port)
        selectors = {backend.service: backend.selector for backend in args.routes.values()}
        for service, numbers in sorted(ports.items()):
            networking.v1.NetworkPolicy(
                f"{self._name}-to-{service}",
                metadata=self._metadata("to", service),
                spec=entry_rules(selectors[service], peers, sorted(numbers)),
                opts=self.child(),
            )

    def _ingress(self, host: str, certificate: pulumi.Output[str] | None) -> networking.v1.Ingress:
        args = self._args
        annotations: dict[str, pulumi.Input[str]] = {}
        if certificate is not None:
            annotations = {**_load_balancer(args, self.label), _alb("certificate-arn"): certificate}
        if args.address is not None:
            # Nothing of its status is asked for, and a shared load balancer may report another address.
            annotations["pulumi.com/skipAwait"] = "true"
        paths = [
            networking.v1.HTTPIngressPathArgs(
                path=path,
                path_type="Prefix",
                backend=networking.v1.IngressBackendArgs(
                    service=networking.v1.IngressServiceBackendArgs(
                        name=backend.service,
                        port=networking.v1.ServiceBackendPortArgs(number=backend.port),
                    )
                ),
            )
            for path, backend in sorted(args.routes.items())
        ]
        return networking.v1.Ingress(
            self._name,
            metadata=self._metadata(annotations=annotations),
            spec=networking.v1.IngressSpecArgs(
                ingress_class_name=args.ingress_class,
                tls=[networking.v1.IngressTLSArgs(hosts=[host], secret_name=args.tls_secret)],
                rules=[
                    networking.v1.IngressRuleArgs(
                        host=host, http=networking.v1.HTTPIngressRuleValueArgs(paths=paths)
                    )
                ],
            ),
            opts=self.child(),
        )

    def _address(self) -> pulumi.Input[str]:
        if self._args.address is not None:
            return self._args.address
        return self.ingress.status.load_balancer.ingress[0].hostname.apply(_known)


def _alb(key: str) -> str:
    return f"alb.ingress.kubernetes.io/{key}"


def _load_balancer(args: GatewayArgs, label: str) -> dict[str, pulumi.Input[str]]:
    """How AWS's controller makes the load balancer: straight to the pods, HTTPS alone, with our tags."""
    tags = args.context.tags(label)
    return {
        _alb("scheme"): "internal" if args.internal else "internet-facing",
        _alb("target-type"): "ip",
        _alb("listen-ports"): '[{"HTTP": 80}, {"HTTPS": 443}]',
        _alb("ssl-redirect"): "443",
        _alb("ssl-policy"): _TLS_POLICY,
        _alb("tags"): ",".join(f"{key}={value}" for key, value in sorted(tags.items())),
    }


def _known(text: str | None) -> str:
    return text or ""
