"""Clusters of EKS."""

from __future__ import annotations

import ipaddress
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import arn, rfc3339
from localcloud.aws.ec2.addresses import ipv4_block
from localcloud.aws.eks.base import CLUSTER_NAME, CLUSTER_NAME_LIMIT, GONE, EksType
from localcloud.compare import Change, Kind
from localcloud.fields import Autoname, Block, Flag, SetOf, Text
from localcloud.resource import Difference, Operation, Properties
from localcloud.values import UNKNOWN

_LOG_TYPES: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_ACCESS: Final = ("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs")
_PLACE: Final = ("securityGroupIds", "subnetIds")
# Of the VPC configuration, what EKS adds to it.
_ADDED: Final = ("clusterSecurityGroupId", "vpcId")


def _service_block(value: str) -> str | None:
    problem = ipv4_block(12, 24)(value)
    if problem is None and not ipaddress.IPv4Network(value).is_private:
        return f"must lie within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, which {value} does not"
    return problem


class Cluster(EksType):
    """A control plane, as data: there is no Kubernetes behind its endpoint, and its certificate is none."""

    token = "aws:eks/cluster:Cluster"
    source = read_from("eks/cluster.go", "00555dc5b38f92abbfa230badea0ed0754cea81e")
    taggable = True
    inputs = {
        "accessConfig": Block(
            computed=True,
            fields={
                "authenticationMode": Text(
                    computed=True, choices=("API", "API_AND_CONFIG_MAP", "CONFIG_MAP")
                ),
                "bootstrapClusterCreatorAdminPermissions": Flag(default=True, force_new=True),
            },
        ),
        "bootstrapSelfManagedAddons": Flag(default=True, force_new=True),
        "deletionProtection": Flag(computed=True),
        "enabledClusterLogTypes": SetOf(element=Text(choices=_LOG_TYPES)),
        "encryptionConfig": Block(
            fields={
                "provider": Block(required=True, fields={"keyArn": Text(required=True)}),
                "resources": SetOf(required=True, element=Text(choices=("secrets",))),
            }
        ),
        "forceUpdateVersion": Flag(),
        "kubernetesNetworkConfig": Block(
            computed=True,
            fields={
                "ipFamily": Text(computed=True, force_new=True, choices=("ipv4", "ipv6")),
                "serviceIpv4Cidr": Text(computed=True, force_new=True, check=_service_block),
            },
        ),
        "name": Text(
            force_new=True,
            min_length=1,
            max_length=CLUSTER_NAME_LIMIT,
            pattern=CLUSTER_NAME,
            autoname=Autoname(limit=CLUSTER_NAME_LIMIT),
        ),
        "roleArn": Text(required=True, force_new=True, check=arn),
        "upgradePolicy": Block(
            computed=True, fields={"supportType": Text(computed=True, choices=("EXTENDED", "STANDARD"))}
        ),
        "version": Text(computed=True),
        "vpcConfig": Block(
            required=True,
            fields={
                "endpointPrivateAccess": Flag(default=False),
                "endpointPublicAccess": Flag(default=True),
                "publicAccessCidrs": SetOf(computed=True, element=Text(check=ipv4_block())),
                "securityGroupIds": SetOf(element=Text()),
                "subnetIds": SetOf(required=True, min_items=1, element=Text()),
            },
        ),
    }
    outputs = (
        "arn",
        "certificateAuthority",
        "clusterId",
        "createdAt",
        "endpoint",
        "identities",
        "platformVersion",
        "status",
    )

    def preview(
        self, inputs: Properties, state: Properties | None, difference: Difference | None
    ) -> Properties:
        planned = super().preview(inputs, state, difference)
        if isinstance(planned.get("vpcConfig"), dict):
            known = (state or {}).get("vpcConfig") or {}
            added = {name: known.get(name, UNKNOWN) for name in _ADDED}
            planned["vpcConfig"] = {**added, **planned["vpcConfig"]}
        return planned

    def extra_changes(self, old: Properties, new: Properties, state: Properties) -> list[Change]:
        found = super().extra_changes(old, new, state)
        if old.get("encryptionConfig") and new.get("encryptionConfig") is None:
            # Secrets that were encrypted once stay so for the cluster's life.
            found.append(Change("encryptionConfig", Kind.DELETE, replace=True))
        return found

    def make(self, operation: Operation, inputs: Properties) -> str:
        optional = (
            "accessConfig",
            "deletionProtection",
            "kubernetesNetworkConfig",
            "upgradePolicy",
            "version",
        )
        given = {name: inputs[name] for name in optional if inputs.get(name) is not None}
        if inputs.get("encryptionConfig"):
            given["encryptionConfig"] = [inputs["encryptionConfig"]]
        self.client(inputs).create_cluster(
            name=inputs["name"],
            roleArn=inputs["roleArn"],
            resourcesVpcConfig=inputs["vpcConfig"],
            bootstrapSelfManagedAddons=inputs["bootstrapSelfManagedAddons"],
            logging=_logging(inputs),
            tags=self.wanted_tags(inputs),
            **given,
        )
        operation.made(inputs["name"], inputs)
        self.settle(operation, lambda: self._describe(inputs["name"], inputs))
        return inputs["name"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = self._describe(identity, state)
        if live is None:
            return None
        network, access = live["resourcesVpcConfig"], live.get("accessConfig") or {}
        said = state.get("accessConfig") or {}
        found: Properties = {
            "accessConfig": {
                "authenticationMode": access.get("authenticationMode"),
                # EKS does not tell it: it only counts while the cluster is made.
                "bootstrapClusterCreatorAdminPermissions": said.get(
                    "bootstrapClusterCreatorAdminPermissions", True
                ),
            },
            "arn": live["arn"],
            "bootstrapSelfManagedAddons": state.get("bootstrapSelfManagedAddons", True),
            "certificateAuthority": {"data": live["certificateAuthority"]["data"]},
            "createdAt": rfc3339(live.get("createdAt")),
            "deletionProtection": live.get("deletionProtection", False),
            "enabledClusterLogTypes": _enabled(live),
            "encryptionConfig": next(iter(live.get("encryptionConfig") or []), None),
            "endpoint": live["endpoint"],
            "forceUpdateVersion": state.get("forceUpdateVersion"),
            "identities": [{"oidcs": [{"issuer": live["identity"]["oidc"]["issuer"]}]}],
            "kubernetesNetworkConfig": {
                "ipFamily": live["kubernetesNetworkConfig"].get("ipFamily", "ipv4"),
                "serviceIpv4Cidr": live["kubernetesNetworkConfig"].get("serviceIpv4Cidr"),
            },
            "name": identity,
            "platformVersion": live.get("platformVersion"),
            "roleArn": live["roleArn"],
            "status": live["status"],
            "upgradePolicy": live.get("upgradePolicy"),
            "version": live["version"],
            "vpcConfig": {name: network.get(name) for name in (*_ACCESS, *_PLACE, *_ADDED)},
        }
        found["vpcConfig"]["securityGroupIds"] = network.get("securityGroupIds") or []
        return self.live(state, found, live.get("tags"))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)

        def change(call: Any, **arguments: Any) -> None:
            # EKS takes one change at a time.
            call(name=identity, **arguments)
            self.settle(operation, lambda: self._describe(identity, new))

        for name in ("accessConfig", "deletionProtection", "upgradePolicy"):
            if new.get(name) is not None and not self.inputs[name].same(old.get(name), new[name]):
                wanted = new[name]
                if name == "accessConfig":
                    wanted = {"authenticationMode": wanted["authenticationMode"]}
                change(client.update_cluster_config, **{name: wanted})
        if new.get("encryptionConfig") and not self.inputs["encryptionConfig"].same(
            old.get("encryptionConfig"), new["encryptionConfig"]
        ):
            client.associate_encryption_config(
                clusterName=identity, encryptionConfig=[new["encryptionConfig"]]
            )
            self.settle(operation, lambda: self._describe(identity, new))
        if new.get("version") is not None and new["version"] != old.get("version"):
            change(client.update_cluster_version, version=new["version"])
        if set(old.get("enabledClusterLogTypes") or []) != set(new.get("enabledClusterLogTypes") or []):
            change(client.update_cluster_config, logging=_logging(new))
        before, after = old.get("vpcConfig") or {}, new["vpcConfig"]
        for names in (_ACCESS, _PLACE):
            wanted = {name: after[name] for name in names if after.get(name) is not None}
            if any(before.get(name) != value for name, value in wanted.items()):
                change(client.update_cluster_config, resourcesVpcConfig=wanted)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        if attempt(GONE, self.client(state).delete_cluster, name=identity) is not None:
            operation.until(lambda: self._describe(identity, state) is None)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        return inputs["name"] if self._describe(inputs["name"], inputs) else None

    def _keeps(self, name: str, value: Any, live: Properties) -> bool:
        # What EKS adds to these must stay in the state, so the live value stands.
        if name in ("vpcConfig", "kubernetesNetworkConfig", "accessConfig") and live.get(name) is not None:
            return False
        return super()._keeps(name, value, live)

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        answer = attempt(GONE, self.client(properties).describe_cluster, name=identity)
        return None if answer is None else answer["cluster"]


def _logging(inputs: Properties) -> dict[str, Any]:
    enabled = inputs.get("enabledClusterLogTypes") or []
    disabled = [each for each in _LOG_TYPES if each not in enabled]
    groups = ((enabled, True), (disabled, False))
    return {"clusterLogging": [{"types": types, "enabled": on} for types, on in groups if types]}


def _enabled(live: dict[str, Any]) -> list[str]:
    groups = (live.get("logging") or {}).get("clusterLogging", [])
    return sorted({each for group in groups if group.get("enabled") for each in group.get("types", [])})
