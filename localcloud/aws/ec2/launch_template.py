"""aws:ec2/launchTemplate:LaunchTemplate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.ec2.base import Ec2Type, filters, first, tags_of
from localcloud.aws.names import NamedType, prefix_input
from localcloud.aws.tags import from_list, to_list
from localcloud.fields import Autoname, Block, Flag, Integer, ListOf, MapOf, Text
from localcloud.resource import Operation, Properties

_GONE = ("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException")
_NAME = r"[a-zA-Z0-9()./_-]+"
_NAME_LIMIT = 128
_DATA = ("blockDeviceMappings", "metadataOptions", "tagSpecifications")
_SWITCH = ("enabled", "disabled")

# Of a volume: input, EC2's name, and how the text of the input becomes EC2's value.
_VOLUME = {
    "deleteOnTermination": "DeleteOnTermination",
    "encrypted": "Encrypted",
    "iops": "Iops",
    "kmsKeyId": "KmsKeyId",
    "throughput": "Throughput",
    "volumeSize": "VolumeSize",
    "volumeType": "VolumeType",
}
_METADATA = {
    "httpEndpoint": "HttpEndpoint",
    "httpProtocolIpv6": "HttpProtocolIpv6",
    "httpPutResponseHopLimit": "HttpPutResponseHopLimit",
    "httpTokens": "HttpTokens",
    "instanceMetadataTags": "InstanceMetadataTags",
}
_TRUTH = Text(choices=("true", "false", ""))


class LaunchTemplate(Ec2Type, NamedType):
    """How machines are started: their disks, their metadata service and their tags.

    A change makes a new version. What decides about network, image or type of a machine is not implemented.
    """

    token = "aws:ec2/launchTemplate:LaunchTemplate"
    source = read_from("ec2/ec2_launch_template.go", "025e4f81cab8553cb052aebfcc5987e2aa8c702a")
    tag_kind = "launch-template"
    taggable = True
    inputs = {
        "blockDeviceMappings": ListOf(
            element=Block(
                fields={
                    "deviceName": Text(),
                    "ebs": Block(
                        fields={
                            "deleteOnTermination": _TRUTH,
                            "encrypted": _TRUTH,
                            "iops": Integer(computed=True),
                            "kmsKeyId": Text(check=arn),
                            "throughput": Integer(computed=True, minimum=125, maximum=1000),
                            "volumeSize": Integer(computed=True),
                            "volumeType": Text(
                                computed=True,
                                choices=("gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"),
                            ),
                        }
                    ),
                }
            )
        ),
        "description": Text(max_length=255),
        "metadataOptions": Block(
            computed=True,
            fields={
                "httpEndpoint": Text(computed=True, choices=_SWITCH),
                "httpProtocolIpv6": Text(computed=True, choices=_SWITCH),
                "httpPutResponseHopLimit": Integer(computed=True, minimum=1, maximum=64),
                "httpTokens": Text(computed=True, choices=("optional", "required")),
                "instanceMetadataTags": Text(computed=True, choices=_SWITCH),
            },
        ),
        "name": Text(
            computed=True,
            force_new=True,
            min_length=3,
            max_length=_NAME_LIMIT,
            pattern=_NAME,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=_NAME),
        "tagSpecifications": ListOf(
            element=Block(fields={"resourceType": Text(), "tags": MapOf(element=Text())})
        ),
        "updateDefaultVersion": Flag(),
    }
    outputs = ("arn", "defaultVersion", "latestVersion")
    volatile = ("defaultVersion", "latestVersion")

    def make(self, operation: Operation, inputs: Properties) -> str:
        answer = self.client(inputs).create_launch_template(
            LaunchTemplateName=self.physical_name(inputs),
            LaunchTemplateData=_data(inputs),
            TagSpecifications=self.tag_specifications(inputs),
            **_described(inputs),
        )
        return answer["LaunchTemplate"]["LaunchTemplateId"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        call = client.describe_launch_templates
        answer = attempt(_GONE, call, LaunchTemplateIds=[identity])
        if answer is None or not answer["LaunchTemplates"]:
            return None
        template = answer["LaunchTemplates"][0]
        latest = str(template["LatestVersionNumber"])
        versions = client.describe_launch_template_versions
        version = first(
            _GONE[0], versions, "LaunchTemplateVersions", LaunchTemplateId=identity, Versions=[latest]
        )
        found = {
            "arn": self.arn(state, f"launch-template/{identity}"),
            "defaultVersion": template["DefaultVersionNumber"],
            "description": (version or {}).get("VersionDescription") or None,
            "latestVersion": template["LatestVersionNumber"],
            "name": template["LaunchTemplateName"],
            "updateDefaultVersion": state.get("updateDefaultVersion"),
            **_undata((version or {}).get("LaunchTemplateData") or {}),
        }
        return self.live(state, found, tags_of(template))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        if all(self.inputs[name].same(old.get(name), new.get(name)) for name in (*_DATA, "description")):
            return
        answer = client.create_launch_template_version(
            LaunchTemplateId=identity, LaunchTemplateData=_data(new), **_described(new)
        )
        if new.get("updateDefaultVersion"):
            number = answer["LaunchTemplateVersion"]["VersionNumber"]
            client.modify_launch_template(LaunchTemplateId=identity, DefaultVersion=str(number))

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(_GONE, self.client(state).delete_launch_template, LaunchTemplateId=identity)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        criteria = filters(launch_template_name=name)
        found = self.client(inputs).describe_launch_templates(Filters=criteria)["LaunchTemplates"]
        return found[0]["LaunchTemplateId"] if found else None

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        for page in client.get_paginator("describe_launch_templates").paginate():
            names = (each["LaunchTemplateName"] for each in page["LaunchTemplates"])
            yield from (name for name in names if name.startswith(prefix))


def _described(inputs: Properties) -> dict[str, str]:
    return {"VersionDescription": inputs["description"]} if inputs.get("description") else {}


def _data(inputs: Properties) -> dict[str, Any]:
    """Return the inputs as EC2 takes them."""
    data: dict[str, Any] = {}
    if inputs.get("blockDeviceMappings"):
        data["BlockDeviceMappings"] = [
            {"DeviceName": each.get("deviceName"), "Ebs": _volume(each.get("ebs") or {})}
            for each in inputs["blockDeviceMappings"]
        ]
    options = inputs.get("metadataOptions") or {}
    if options:
        data["MetadataOptions"] = {
            parameter: options[name] for name, parameter in _METADATA.items() if options.get(name) is not None
        }
    if inputs.get("tagSpecifications"):
        data["TagSpecifications"] = [
            {"ResourceType": each.get("resourceType"), "Tags": to_list(each.get("tags") or {})}
            for each in inputs["tagSpecifications"]
        ]
    return data


def _volume(ebs: Properties) -> dict[str, Any]:
    given = {parameter: ebs[name] for name, parameter in _VOLUME.items() if ebs.get(name) not in (None, "")}
    return {key: value == "true" if value in ("true", "false") else value for key, value in given.items()}


def _undata(data: dict[str, Any]) -> Properties:
    """Return what EC2 tells of a version in the inputs' words."""
    options = data.get("MetadataOptions") or {}
    return {
        "blockDeviceMappings": [
            {"deviceName": each.get("DeviceName"), "ebs": _unvolume(each.get("Ebs") or {})}
            for each in data.get("BlockDeviceMappings") or []
        ],
        "metadataOptions": {
            name: int(options[parameter]) if name == "httpPutResponseHopLimit" else options[parameter]
            for name, parameter in _METADATA.items()
            if options.get(parameter) is not None
        }
        or None,
        "tagSpecifications": [
            {"resourceType": each["ResourceType"], "tags": from_list(each.get("Tags"))}
            for each in data.get("TagSpecifications") or []
            # The local endpoint tells the template's own tags there, too.
            if each["ResourceType"] != "launch-template"
        ],
    }


def _unvolume(ebs: dict[str, Any]) -> Properties:
    found = {name: ebs[parameter] for name, parameter in _VOLUME.items() if ebs.get(parameter) is not None}
    return {key: str(value).lower() if isinstance(value, bool) else value for key, value in found.items()}
