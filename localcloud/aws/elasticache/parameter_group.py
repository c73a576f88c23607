"""Settings of caches."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.elasticache.tagging import CacheType
from localcloud.aws.tags import to_list
from localcloud.fields import Autoname, Block, Failures, SetOf, Text
from localcloud.resource import Operation, Properties
from localcloud.values import has_unknown

GONE: Final = ("CacheParameterGroupNotFound",)
_NAME_LIMIT: Final = 255
# The most that one call takes.
_CHUNK: Final = 20


class ParameterGroup(CacheType):
    """A group of parameters. A change reaches the replication groups that use it."""

    token = "aws:elasticache/parameterGroup:ParameterGroup"
    source = read_from("elasticache/parameter_group.go", "00a35305dc1b297a6fcdecdfbba33f1e63c3da39")
    kind = "parametergroup"
    taggable = True
    inputs = {
        "description": Text(default="Managed by Pulumi", force_new=True),
        "family": Text(required=True, force_new=True),
        "name": Text(
            force_new=True, max_length=_NAME_LIMIT, ignore_case=True, autoname=Autoname(limit=_NAME_LIMIT)
        ),
        "parameters": SetOf(
            element=Block(fields={"name": Text(required=True), "value": Text(required=True)})
        ),
    }
    outputs = ("arn",)

    def validate(self, inputs: Properties) -> Failures:
        if has_unknown(inputs.get("parameters")):
            return []
        names = [each["name"] for each in inputs.get("parameters") or []]
        twice = sorted({name for name in names if names.count(name) > 1})
        return (
            [("parameters", f"must name each parameter once, not {', '.join(twice)} twice")] if twice else []
        )

    def make(self, operation: Operation, inputs: Properties) -> str:
        name = inputs["name"].lower()
        self.client(inputs).create_cache_parameter_group(
            CacheParameterGroupName=name,
            CacheParameterGroupFamily=inputs["family"],
            Description=inputs["description"],
            Tags=to_list(self.wanted_tags(inputs)),
        )
        operation.made(name, inputs)
        self._set(inputs, name, _values(inputs))
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(GONE, client.describe_cache_parameter_groups, CacheParameterGroupName=identity)
        if answer is None:
            return None
        live = answer["CacheParameterGroups"][0]
        parameters = parameters_of(client, identity)
        found = {
            "arn": live["ARN"],
            "description": live.get("Description"),
            "family": live["CacheParameterGroupFamily"],
            "name": identity,
            "parameters": [{"name": name, "value": value} for name, value in sorted(parameters.items())]
            or None,
        }
        return self.live(state, found, self.tags_of(client, live["ARN"]))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client, before, after = self.client(new), _values(old), _values(new)
        dropped = [
            {"ParameterName": name, "ParameterValue": before[name]} for name in before if name not in after
        ]
        for some in _chunks(dropped):
            client.reset_cache_parameter_group(CacheParameterGroupName=identity, ParameterNameValues=some)
        self._set(new, identity, {name: value for name, value in after.items() if before.get(name) != value})
        self._reach_users(new, identity, after)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(GONE, self.client(state).delete_cache_parameter_group, CacheParameterGroupName=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        name = inputs["name"].lower()
        found = attempt(
            GONE, self.client(inputs).describe_cache_parameter_groups, CacheParameterGroupName=name
        )
        return None if found is None else name

    def _set(self, properties: Properties, name: str, values: dict[str, str]) -> None:
        listed = [{"ParameterName": key, "ParameterValue": value} for key, value in sorted(values.items())]
        for some in _chunks(listed):
            self.client(properties).modify_cache_parameter_group(
                CacheParameterGroupName=name, ParameterNameValues=some
            )

    def _reach_users(self, properties: Properties, name: str, values: dict[str, str]) -> None:
        from localcloud.aws.plane import data_plane  # noqa: PLC0415 - only running caches need it

        clusters = self.client(properties).describe_cache_clusters()["CacheClusters"]
        users = {
            each["ReplicationGroupId"]
            for each in clusters
            if each.get("ReplicationGroupId")
            and (each.get("CacheParameterGroup") or {}).get("CacheParameterGroupName") == name
        }
        if users:
            with data_plane() as plane:
                for user in sorted(users):
                    if plane.caches.exists(user):
                        plane.caches.modify(user, parameters=values)


def parameters_of(client: Any, name: str) -> dict[str, str]:
    """Return the parameters set in the group `name`; one that is not there (a default one) has none."""
    answer = attempt(GONE, client.describe_cache_parameters, CacheParameterGroupName=name, Source="user")
    listed = (answer or {}).get("Parameters") or []
    return {each["ParameterName"]: each.get("ParameterValue", "") for each in listed}


def _values(inputs: Properties) -> dict[str, str]:
    return {each["name"]: each["value"] for each in inputs.get("parameters") or []}


def _chunks(items: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    return [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
