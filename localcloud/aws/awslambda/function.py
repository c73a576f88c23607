"""Functions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any, Final

from localcloud.archives import MissingFile, zip_of
from localcloud.aws.awslambda.code import Code
from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.names import NamedType
from localcloud.aws.tags import TagChange
from localcloud.fields import Autoname, Block, Failures, Flag, Integer, ListOf, MapOf, SetOf, Text
from localcloud.resource import LocalError, Operation, Properties
from localcloud.values import Archive

NOT_FOUND: Final = ("ResourceNotFoundException",)
NAME: Final = (
    r"(arn:[\w-]+:lambda:)?([a-z]{2}-(?:[a-z]+-){1,2}\d{1}:)?(\d{12}:)?(function:)?"
    r"([0-9A-Za-z_-]+)(:(\$LATEST|[0-9A-Za-z_-]+))?"
)
_NAME_LIMIT: Final = 64
_LATEST: Final = "$LATEST"
_NO_LIMIT: Final = -1
# What the update call takes, by the input it comes from, and what stands for an input that was taken away.
_CONFIGURATION: Final[dict[str, tuple[str, Any]]] = {
    "description": ("Description", ""),
    "handler": ("Handler", ""),
    "kmsKeyArn": ("KMSKeyArn", ""),
    "memorySize": ("MemorySize", 128),
    "role": ("Role", ""),
    "runtime": ("Runtime", ""),
    "timeout": ("Timeout", 3),
}


class Function(NamedType):
    """A Lambda function of a zip; its id is its name.

    An invocation runs its Python code for real (see boundaries); other runtimes are kept and refuse to run.
    Images, code in S3, layers, file systems, SnapStart and dead letters are not implemented.
    """

    token = "aws:lambda/function:Function"
    source = read_from("lambda/function.go", "0156d84e6bb47e4a5fe0c8e87cf2d14fb1dc3b8c")
    service = "lambda"
    taggable = True
    inputs = {
        "architectures": ListOf(
            computed=True, max_items=1, element=Text(choices=("x86_64", "arm64")), force_new=False
        ),
        "code": Code(write_only=True),
        "description": Text(max_length=256),
        "environment": Block(fields={"variables": MapOf(element=Text())}),
        "ephemeralStorage": Block(
            computed=True, fields={"size": Integer(computed=True, minimum=512, maximum=10_240)}
        ),
        "handler": Text(min_length=1, max_length=128),
        "kmsKeyArn": Text(check=arn),
        "memorySize": Integer(default=128, minimum=128, maximum=10_240),
        "name": Text(
            computed=True,
            force_new=True,
            pattern=NAME,
            max_length=140,
            autoname=Autoname(limit=_NAME_LIMIT),
        ),
        "packageType": Text(default="Zip", force_new=True, choices=("Zip",)),
        "publish": Flag(default=False, write_only=True),
        "reservedConcurrentExecutions": Integer(default=_NO_LIMIT, minimum=_NO_LIMIT),
        "role": Text(required=True, check=arn),
        "runtime": Text(),
        "timeout": Integer(default=3, minimum=1, maximum=900),
        "tracingConfig": Block(
            computed=True, fields={"mode": Text(required=True, choices=("Active", "PassThrough"))}
        ),
        "vpcConfig": Block(
            fields={
                "ipv6AllowedForDualStack": Flag(default=False),
                "securityGroupIds": SetOf(required=True, element=Text()),
                "subnetIds": SetOf(required=True, element=Text()),
            }
        ),
    }
    outputs = (
        "arn",
        "codeSha256",
        "invokeArn",
        "lastModified",
        "qualifiedArn",
        "qualifiedInvokeArn",
        "sourceCodeSize",
        "version",
    )
    volatile = (
        "codeSha256",
        "lastModified",
        "qualifiedArn",
        "qualifiedInvokeArn",
        "sourceCodeSize",
        "version",
    )

    def timeout(self, action: str) -> float:
        return 600.0

    def validate(self, inputs: Properties) -> Failures:
        return [
            (name, "is required for a function whose package type is Zip")
            for name in ("code", "handler", "runtime")
            if inputs.get(name) is None
        ]

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), self.physical_name(inputs)
        arguments: Properties = {
            "Code": {"ZipFile": _zip(name, inputs["code"])},
            "FunctionName": name,
            "PackageType": inputs["packageType"],
            "Publish": inputs["publish"],
            "Tags": self.wanted_tags(inputs),
            **{api: inputs[key] for key, (api, _) in _CONFIGURATION.items() if inputs.get(key)},
            **_blocks(inputs),
        }
        if inputs.get("architectures"):
            arguments["Architectures"] = inputs["architectures"]
        if attempt(["ResourceConflictException"], client.create_function, **arguments) is None:
            raise LocalError(f"function {name} exists already; import it or choose another name")
        operation.made(name, {**inputs, "name": name})
        self._reserve(client, name, inputs)
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(NOT_FOUND, client.get_function, FunctionName=identity)
        if answer is None:
            return None
        live = answer["Configuration"]
        vpc = live.get("VpcConfig") or {}
        versions = attempt(NOT_FOUND, client.list_versions_by_function, FunctionName=identity) or {}
        latest = (versions.get("Versions") or [live])[-1]
        qualified = f"{live['FunctionArn'].removesuffix(f':{_LATEST}')}:{latest['Version']}"
        storage = (live.get("EphemeralStorage") or {}).get("Size")
        variables = (live.get("Environment") or {}).get("Variables")
        concurrency = (answer.get("Concurrency") or {}).get("ReservedConcurrentExecutions")
        found = {
            "architectures": live.get("Architectures"),
            "arn": live["FunctionArn"],
            "codeSha256": live.get("CodeSha256"),
            "description": live.get("Description") or None,
            "environment": {"variables": variables} if variables else None,
            "ephemeralStorage": {"size": storage} if storage else None,
            "handler": live.get("Handler"),
            "invokeArn": self._invoke_arn(state, live["FunctionArn"]),
            "kmsKeyArn": live.get("KMSKeyArn") or None,
            "lastModified": live.get("LastModified"),
            "memorySize": live.get("MemorySize"),
            "name": live["FunctionName"],
            "packageType": live.get("PackageType", "Zip"),
            "qualifiedArn": qualified,
            "qualifiedInvokeArn": self._invoke_arn(state, qualified),
            "reservedConcurrentExecutions": _NO_LIMIT if concurrency is None else concurrency,
            "role": live["Role"],
            "runtime": live.get("Runtime"),
            "sourceCodeSize": live.get("CodeSize"),
            "timeout": live.get("Timeout"),
            "tracingConfig": {"mode": (live.get("TracingConfig") or {}).get("Mode", "PassThrough")},
            "version": latest["Version"],
            "vpcConfig": {
                "ipv6AllowedForDualStack": bool(vpc.get("Ipv6AllowedForDualStack")),
                "securityGroupIds": vpc.get("SecurityGroupIds"),
                "subnetIds": vpc.get("SubnetIds"),
            }
            if vpc.get("SubnetIds")
            else None,
        }
        return self.live(state, found, answer.get("Tags"))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        changed: Properties = {
            api: new[key] if new.get(key) is not None else nothing
            for key, (api, nothing) in _CONFIGURATION.items()
            if old.get(key) != new.get(key)
        }
        before = _blocks(old)
        changed |= {name: block for name, block in _blocks(new).items() if block != before.get(name)}
        if old.get("environment") and not new.get("environment"):
            changed["Environment"] = {"Variables": {}}
        if old.get("vpcConfig") and not new.get("vpcConfig"):
            changed["VpcConfig"] = {"SubnetIds": [], "SecurityGroupIds": []}
        if changed:
            client.update_function_configuration(FunctionName=identity, **changed)
        rebuilt = not self.inputs["code"].same(old.get("code"), new.get("code"))
        if rebuilt or (new.get("architectures") or old.get("architectures")) != old.get("architectures"):
            client.update_function_code(
                FunctionName=identity,
                ZipFile=_zip(identity, new["code"]),
                Publish=new["publish"],
                **({"Architectures": new["architectures"]} if new.get("architectures") else {}),
            )
        elif new["publish"] and (changed or not old.get("publish")):
            client.publish_version(FunctionName=identity)
        if old.get("reservedConcurrentExecutions") != new["reservedConcurrentExecutions"]:
            self._reserve(client, identity, new)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client, resource = self.client(properties), self.arn(properties, f"function:{identity}")
        if change.put:
            client.tag_resource(Resource=resource, Tags=change.put)
        if change.drop:
            client.untag_resource(Resource=resource, TagKeys=list(change.drop))

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(NOT_FOUND, self.client(state).delete_function, FunctionName=identity)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        there = attempt(NOT_FOUND, self.client(inputs).get_function, FunctionName=name)
        return None if there is None else there["Configuration"]["FunctionName"]

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        for page in client.get_paginator("list_functions").paginate():
            yield from (
                each["FunctionName"] for each in page["Functions"] if each["FunctionName"].startswith(prefix)
            )

    # -- inside -------------------------------------------------------------------------------------

    def _reserve(self, client: Any, name: str, inputs: Properties) -> None:
        wanted = inputs["reservedConcurrentExecutions"]
        if wanted >= 0:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=wanted)
        else:
            attempt(NOT_FOUND, client.delete_function_concurrency, FunctionName=name)

    def _invoke_arn(self, state: Properties, function: str) -> str:
        region = self.region_of(state)
        partition = self.session.partition(region)
        path = f"path/2015-03-31/functions/{function}/invocations"
        return f"arn:{partition}:apigateway:{region}:lambda:{path}"


def sha256(content: bytes) -> str:
    """The digest of a zip as Lambda tells it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _zip(name: str, code: Archive) -> bytes:
    try:
        return zip_of(code)
    except MissingFile as error:
        raise LocalError(f"function {name}: {error}") from None


def _blocks(inputs: Properties) -> Properties:
    """The nested inputs in the API's words."""
    found: Properties = {}
    environment, vpc = inputs.get("environment") or {}, inputs.get("vpcConfig")
    if environment.get("variables"):
        found["Environment"] = {"Variables": environment["variables"]}
    if inputs.get("ephemeralStorage"):
        found["EphemeralStorage"] = {"Size": inputs["ephemeralStorage"].get("size") or 512}
    if inputs.get("tracingConfig"):
        found["TracingConfig"] = {"Mode": inputs["tracingConfig"]["mode"]}
    if vpc:
        found["VpcConfig"] = {
            "Ipv6AllowedForDualStack": vpc.get("ipv6AllowedForDualStack", False),
            "SecurityGroupIds": sorted(vpc["securityGroupIds"]),
            "SubnetIds": sorted(vpc["subnetIds"]),
        }
    return found
