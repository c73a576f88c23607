"""Image repositories."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import Autoname, Block, Flag, ListOf, Text
from localcloud.resource import Operation, Properties

GONE: Final = ("RepositoryNotFoundException",)
_NAME_LIMIT: Final = 256
NAME: Final = r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*"


class Repository(AwsType):
    """A repository; its id is its name."""

    token = "aws:ecr/repository:Repository"
    source = read_from("ecr/repository.go", "0072eea2d6046230a1fb7717741c17fd2122175e")
    service = "ecr"
    taggable = True
    inputs = {
        "encryptionConfigurations": ListOf(
            computed=True,
            force_new=True,
            max_items=1,
            element=Block(
                fields={
                    "encryptionType": Text(
                        default="AES256", choices=("AES256", "KMS", "KMS_DSSE"), force_new=True
                    ),
                    "kmsKey": Text(computed=True, force_new=True),
                }
            ),
        ),
        "forceDelete": Flag(),
        "imageScanningConfiguration": Block(fields={"scanOnPush": Flag(required=True)}),
        "imageTagMutability": Text(default="MUTABLE", choices=("IMMUTABLE", "MUTABLE")),
        "name": Text(
            force_new=True,
            min_length=2,
            max_length=_NAME_LIMIT,
            pattern=NAME,
            autoname=Autoname(limit=_NAME_LIMIT),
        ),
    }
    outputs = ("arn", "registryId", "repositoryUrl")

    def make(self, operation: Operation, inputs: Properties) -> str:
        given: dict[str, Any] = {"imageTagMutability": inputs["imageTagMutability"]}
        if inputs.get("imageScanningConfiguration"):
            given["imageScanningConfiguration"] = inputs["imageScanningConfiguration"]
        if inputs.get("encryptionConfigurations"):
            given["encryptionConfiguration"] = inputs["encryptionConfigurations"][0]
        self.client(inputs).create_repository(
            repositoryName=inputs["name"], tags=to_list(self.wanted_tags(inputs)), **given
        )
        return inputs["name"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(GONE, client.describe_repositories, repositoryNames=[identity])
        if answer is None:
            return None
        live = answer["repositories"][0]
        found = {
            "arn": live["repositoryArn"],
            "encryptionConfigurations": [live["encryptionConfiguration"]]
            if live.get("encryptionConfiguration")
            else None,
            "forceDelete": state.get("forceDelete"),
            "imageScanningConfiguration": live.get("imageScanningConfiguration"),
            "imageTagMutability": live.get("imageTagMutability"),
            "name": identity,
            "registryId": live["registryId"],
            "repositoryUrl": live["repositoryUri"],
        }
        if state and not state.get("imageScanningConfiguration"):
            # The service always has one; without the input it is the service's own business.
            found["imageScanningConfiguration"] = _unless_default(live.get("imageScanningConfiguration"))
        tags = client.list_tags_for_resource(resourceArn=live["repositoryArn"]).get("tags")
        return self.live(state, found, from_list(tags))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        if old.get("imageTagMutability") != new["imageTagMutability"]:
            client.put_image_tag_mutability(
                repositoryName=identity, imageTagMutability=new["imageTagMutability"]
            )
        if old.get("imageScanningConfiguration") != new.get("imageScanningConfiguration"):
            wanted = new.get("imageScanningConfiguration") or {"scanOnPush": False}
            client.put_image_scanning_configuration(
                repositoryName=identity, imageScanningConfiguration=wanted
            )

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_resource(resourceArn=properties["arn"], tags=to_list(change.put))
        if change.drop:
            client.untag_resource(resourceArn=properties["arn"], tagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(
            GONE,
            self.client(state).delete_repository,
            repositoryName=identity,
            force=bool(state.get("forceDelete")),
        )

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        answer = attempt(GONE, self.client(inputs).describe_repositories, repositoryNames=[inputs["name"]])
        return None if answer is None else inputs["name"]


def _unless_default(scanning: Any) -> Any:
    return None if not scanning or scanning == {"scanOnPush": False} else scanning
