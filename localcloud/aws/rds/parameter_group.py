"""Settings of database instances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.names import prefix_input
from localcloud.aws.plane import data_plane
from localcloud.aws.rds.tagging import RdsType
from localcloud.aws.tags import to_list
from localcloud.fields import Autoname, Block, Failures, Flag, SetOf, Text
from localcloud.resource import LocalError, Operation, Properties

NOT_FOUND: Final = ("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault")
_NAME_LIMIT: Final = 255
_NAME: Final = r"[a-z](-?[0-9a-z.]+)*"
# The most that one call takes.
_CHUNK: Final = 20

_PARAMETER: Final = Block(
    fields={
        "applyMethod": Text(default="immediate", choices=("immediate", "pending-reboot")),
        "name": Text(required=True),
        "value": Text(required=True),
    }
)


def parameters_of(client: Any, name: str) -> dict[str, str]:
    """Return the parameters that are set in the group `name`; a default group has none."""
    answer = attempt(NOT_FOUND, client.describe_db_parameters, DBParameterGroupName=name, Source="user")
    parameters = (answer or {}).get("Parameters") or []
    return {each["ParameterName"]: each.get("ParameterValue", "") for each in parameters}


class ParameterGroup(RdsType):
    """A group of parameters for RDS; its id is its name. A change reaches the instances that use it.

    Parameters that need a restart get one: nothing else could apply them on the local cloud.
    """

    token = "aws:rds/parameterGroup:ParameterGroup"
    source = read_from("rds/parameter_group.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    kind = "pg"
    taggable = True
    inputs = {
        "description": Text(default="Managed by Pulumi", force_new=True),
        "family": Text(required=True, force_new=True),
        "name": Text(
            computed=True,
            force_new=True,
            max_length=_NAME_LIMIT,
            pattern=_NAME,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=r"[a-z][0-9a-z.-]*"),
        "parameters": SetOf(element=_PARAMETER),
        "skipDestroy": Flag(default=False),
    }
    outputs = ("arn",)

    def validate(self, inputs: Properties) -> Failures:
        parameters = inputs.get("parameters")
        names = [each.get("name") for each in parameters if isinstance(each, dict)] if parameters else []
        twice = sorted({str(name) for name in names if isinstance(name, str) and names.count(name) > 1})
        return (
            [("parameters", f"must name each parameter once, not {', '.join(twice)} twice")] if twice else []
        )

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), self.physical_name(inputs)
        if (
            attempt(NOT_FOUND, client.describe_db_parameters, DBParameterGroupName=name, Source="user")
            is not None
        ):
            raise LocalError(f"DB parameter group {name} exists already; import it or choose another name")
        client.create_db_parameter_group(
            DBParameterGroupName=name,
            DBParameterGroupFamily=inputs["family"],
            Description=inputs["description"],
            Tags=to_list(self.wanted_tags(inputs)),
        )
        operation.made(name, {**inputs, "name": name, "arn": self.arn_of(inputs, name)})
        self._set(client, name, inputs.get("parameters") or [])
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(NOT_FOUND, client.describe_db_parameter_groups, DBParameterGroupName=identity)
        groups = (answer or {}).get("DBParameterGroups")
        if not groups:
            return None
        live = client.describe_db_parameters(DBParameterGroupName=identity, Source="user")["Parameters"]
        found = {
            "arn": groups[0]["DBParameterGroupArn"],
            "description": groups[0]["Description"],
            "family": groups[0]["DBParameterGroupFamily"],
            "name": groups[0]["DBParameterGroupName"],
            "parameters": [
                {
                    "applyMethod": each.get("ApplyMethod", "immediate"),
                    "name": each["ParameterName"],
                    "value": each.get("ParameterValue", ""),
                }
                for each in live
            ],
            "skipDestroy": state.get("skipDestroy", False),
        }
        return self.live(state, found, self.tags_of(client, groups[0]["DBParameterGroupArn"]))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        wanted = {each["name"]: each for each in new.get("parameters") or []}
        there = {each["name"]: each for each in old.get("parameters") or []}
        self._set(client, identity, [each for name, each in wanted.items() if there.get(name) != each])
        gone = [{"ParameterName": name, "ApplyMethod": "immediate"} for name in there if name not in wanted]
        for chunk in _chunks(gone):
            client.reset_db_parameter_group(DBParameterGroupName=identity, Parameters=chunk)
        self._apply(operation, client, identity)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        if not state.get("skipDestroy"):
            attempt(NOT_FOUND, self.client(state).delete_db_parameter_group, DBParameterGroupName=identity)

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        groups = client.describe_db_parameter_groups()["DBParameterGroups"]
        return [
            each["DBParameterGroupName"] for each in groups if each["DBParameterGroupName"].startswith(prefix)
        ]

    # -- inside -------------------------------------------------------------------------------------

    def _set(self, client: Any, name: str, parameters: list[Properties]) -> None:
        api = [
            {
                "ParameterName": each["name"],
                "ParameterValue": each["value"],
                "ApplyMethod": each["applyMethod"],
            }
            for each in parameters
        ]
        for chunk in _chunks(api):
            client.modify_db_parameter_group(DBParameterGroupName=name, Parameters=chunk)

    def _apply(self, operation: Operation, client: Any, name: str) -> None:
        """Bring the group's parameters to the databases that use it, with a restart where one is needed."""
        users = [
            each["DBInstanceIdentifier"]
            for each in client.describe_db_instances()["DBInstances"]
            if name in [group["DBParameterGroupName"] for group in each.get("DBParameterGroups") or []]
        ]
        if not users:
            return
        parameters = parameters_of(client, name)
        with data_plane() as plane:
            for identifier in users:
                operation.say(f"applying parameters to {identifier}")
                plane.databases.modify(identifier, parameters=parameters)


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
