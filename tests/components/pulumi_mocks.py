"""Mocks of the engine: they record what is registered, with every input as it arrives."""

import asyncio
import contextvars
import importlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi.runtime.mocks as engine
from pulumi.runtime import settings, stack

ACCOUNT = "123456789012"

# The SDK loads its modules when they are first used, which several threads must not do at once.
_MODULES = (
    "acm",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "eks",
    "elasticache",
    "iam",
    "kms",
    "lambda_",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "vpc",
)
for _module in _MODULES:
    getattr(importlib.import_module(f"pulumi_aws.{_module}"), "__all__", None)


@dataclass
class Registered:
    """One resource as the engine was told of it."""

    token: str
    name: str
    inputs: dict[str, Any]
    parent: str | None
    provider: str | None
    depends_on: list[str]
    protect: bool
    aliases: list[Any]
    custom: bool
    ignore_changes: list[str]
    retain_on_delete: bool
    outputs: dict[str, Any] | None = None


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Answers as a provider would, with made-up values of the right form."""

    calls: list[str] = field(default_factory=list)
    stacks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Outputs of other stacks, by their full names."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        state = dict(args.inputs)
        if args.typ == "pulumi:pulumi:StackReference":
            outputs = dict(self.stacks[state["name"]])
            return args.name, {**state, "outputs": outputs, "secretOutputNames": []}
        name = str(next((state[key] for key in _NAMES if isinstance(state.get(key), str)), args.name))
        state.setdefault("name", name)
        state.setdefault("arn", f"arn:aws:mock:eu-west-1:{ACCOUNT}:{name}")
        for key, make in _COMPUTED.get(args.typ, {}).items():
            state.setdefault(key, make(name))
        if args.typ == "aws:eks/cluster:Cluster":
            state["vpcConfig"] = {**state["vpcConfig"], "clusterSecurityGroupId": f"sg-{name}"}
        return f"{args.name}-id", state

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[Any, Any]:  # type: ignore[override]
        self.calls.append(args.token)
        if args.token == "aws:index/getCallerIdentity:getCallerIdentity":
            arn = f"arn:aws:iam::{ACCOUNT}:root"
            return {"accountId": ACCOUNT, "arn": arn, "id": ACCOUNT, "userId": "AIDA"}
        raise AssertionError(f"unexpected call of {args.token}")


_NAMES = ("name", "bucket", "identifier", "replicationGroupId", "nodeGroupName", "domainName")
_COMPUTED: dict[str, dict[str, Callable[[str], Any]]] = {
    "aws:sqs/queue:Queue": {"url": lambda name: f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{name}"},
    "aws:rds/instance:Instance": {
        "address": lambda name: f"{name}.abc.rds.amazonaws.com",
        "resourceId": lambda name: "db-ABC",
        "username": lambda name: "restored_user",
        "dbName": lambda name: "restored_db",
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "primaryEndpointAddress": lambda name: f"{name}.abc.cache.amazonaws.com"
    },
    "aws:acm/certificate:Certificate": {
        "domainValidationOptions": lambda name: [
            {
                "domainName": name,
                "resourceRecordName": f"_proof.{name}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_value.acm-validations.aws.",
            }
        ]
    },
    "aws:route53/record:Record": {"fqdn": lambda name: name},
    "aws:ec2/eip:Eip": {"allocationId": lambda name: f"eipalloc-{name}"},
    "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": lambda name: 4},
    "aws:ec2/vpc:Vpc": {"ipv6CidrBlock": lambda name: "2001:db8:1234:ff00::/56"},
    "aws:eks/cluster:Cluster": {
        "endpoint": lambda name: f"https://{name}.gr7.eu-west-1.eks.amazonaws.com",
        "certificateAuthority": lambda name: {"data": "Y2VydGlmaWNhdGU="},
        "identities": lambda name: [
            {"oidcs": [{"issuer": f"https://oidc.eks.eu-west-1.amazonaws.com/id/{name}"}]}
        ],
    },
    "aws:kms/key:Key": {"keyId": lambda name: f"key-{name}"},
    "aws:secretsmanager/secretVersion:SecretVersion": {
        "versionId": lambda name: "v1",
        "secretArn": lambda name: f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{name}",
    },
    "random:index/randomId:RandomId": {"hex": lambda name: "0a1b2c3d"},
    "random:index/randomPassword:RandomPassword": {"result": lambda name: "correct-horse-battery-staple"},
}


class _Monitor(engine.MockMonitor):
    """Keeps what the public mocks drop: parents, providers, and the outputs of components."""

    def __init__(self, mocks: Recorder) -> None:
        super().__init__(mocks)
        self.registered: dict[str, Registered] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name of the call
        answer = super().RegisterResource(request)
        inputs = pulumi.runtime.rpc.deserialize_properties(request.object, keep_unknowns=True)
        self.registered[answer.urn] = Registered(
            token=request.type,
            name=request.name,
            inputs=_plain(inputs),
            parent=request.parent or None,
            provider=request.provider or None,
            depends_on=list(request.dependencies),
            protect=request.protect,
            aliases=list(request.aliases),
            custom=request.custom,
            ignore_changes=list(request.ignoreChanges),
            retain_on_delete=request.retainOnDelete,
        )
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the name of the call
        known = self.registered.get(request.urn)
        if known is not None:
            assert known.outputs is None, f"{request.urn} registers its outputs twice"
            known.outputs = _plain(pulumi.runtime.rpc.deserialize_properties(request.outputs))
        return super().RegisterResourceOutputs(request)


def _plain(value: Any) -> Any:
    if pulumi.runtime.rpc.is_rpc_secret(value):
        return _plain(pulumi.runtime.rpc.unwrap_rpc_secret(value))
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return {key: _plain(item) for key, item in vars(value).items()}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


@dataclass
class Run:
    """What a program did."""

    resources: list[Registered]
    outputs: dict[str, Any]
    calls: list[str]

    def of(self, token: str) -> list[Registered]:
        """Every resource whose token ends with `token`."""
        return [resource for resource in self.resources if resource.token.endswith(token)]

    def one(self, token: str, name: str | None = None) -> Registered:
        """The resource with this token, and this name when there are several."""
        found = [one for one in self.of(token) if name is None or one.name == name]
        assert len(found) == 1, f"{len(found)} of {token} {name}: {[one.name for one in self.of(token)]}"
        return found[0]

    def counts(self) -> Counter[str]:
        """How many resources there are of each token."""
        return Counter(resource.token for resource in self.resources)


def run(
    program: Callable[[], Any],
    *,
    stack_name: str = "feature-x",
    config: dict[str, str] | None = None,
    preview: bool = False,
    stacks: Mapping[str, Mapping[str, Any]] | None = None,
) -> Run:
    """Run a program to its end, all children awaited, and tell what was registered."""
    recorder = Recorder(stacks=stacks or {})
    monitor = _Monitor(recorder)

    def start() -> None:
        program()

    def whole() -> None:
        # As `set_mocks` does, but without a stack of its own: the program gets a real one to export to.
        features = monitor.GetDeploymentInfo(None).supportedFeatures
        settings.configure(
            engine.MockSettings(
                monitor=monitor,
                monitor_features=set(features),
                engine=engine.MockEngine(None),
                project="understudy",
                stack=stack_name,
                dry_run=preview,
                organization="organization",
            )
        )
        pulumi.runtime.set_all_config(config or {})
        asyncio.run(stack.run_in_stack(start))

    try:
        contextvars.copy_context().run(whole)
    finally:
        pulumi.runtime.set_all_config({})
    root = next(one for one in monitor.registered.values() if one.token == "pulumi:pulumi:Stack")
    return Run(
        resources=[one for one in monitor.registered.values() if one is not root],
        outputs=root.outputs or {},
        calls=recorder.calls,
    )
