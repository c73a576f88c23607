"""Database instances: moto plays RDS's side of them, a real PostgreSQL server is behind each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import rfc3339
from localcloud.aws.plane import data_plane
from localcloud.aws.rds.instance_inputs import BOTH, CREATE_ONLY, INPUTS, OUTPUTS
from localcloud.aws.rds.parameter_group import parameters_of
from localcloud.aws.rds.tagging import RdsType
from localcloud.aws.tags import from_list, to_list
from localcloud.fields import Failures
from localcloud.resource import LocalError, Operation, Properties
from localcloud.values import UNKNOWN

if TYPE_CHECKING:
    from localcloud.dataplane import DataPlane

_NOT_FOUND: Final = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
_EXISTS: Final = ("DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault")
_NEEDED: Final = ("allocatedStorage", "engine", "username")
# What reads as nothing when RDS has nothing to tell.
_UNSET: Final = {"maxAllocatedStorage": 0, "storageThroughput": 0, "iops": 0}


class Instance(RdsType):
    """A PostgreSQL instance of RDS; its id is its identifier.

    Address, endpoint and port are those of the real server, whatever port was asked for. `engineVersion`
    chooses the major version; `engineVersionActual` is the one that runs. A final snapshot keeps the data on
    this machine, and `snapshotIdentifier` brings it back. Zones, storage, windows, monitoring and insights
    are kept and told, but have no effect.
    """

    token = "aws:rds/instance:Instance"
    source = read_from("rds/instance.go", "00e4b23838859616dd0ebc9d1fd9364c0f6bff22")
    kind = "db"
    taggable = True
    name_input = "identifier"
    prefix_input_name = "identifierPrefix"
    inputs = INPUTS
    outputs = OUTPUTS
    unused = {"skipFinalSnapshot": True}

    def timeout(self, action: str) -> float:
        return {"create": 2400.0, "update": 4800.0, "delete": 3600.0}.get(action, 300.0)

    def validate(self, inputs: Properties) -> Failures:
        restored = inputs.get("snapshotIdentifier") is not None
        failures: Failures = [
            (name, "is required for a new database instance")
            for name in _NEEDED
            if inputs.get(name) is None and not (restored and name == "username")
        ]
        if inputs.get("password") is None and inputs.get("passwordWo") is None:
            failures.append(("password", "is required for a new database instance"))
        if inputs.get("skipFinalSnapshot") is False and inputs.get("finalSnapshotIdentifier") is None:
            failures.append(("finalSnapshotIdentifier", "is required unless skipFinalSnapshot is true"))
        interval = inputs.get("monitoringInterval")
        if interval not in (0, None, UNKNOWN) and inputs.get("monitoringRoleArn") is None:
            failures.append(("monitoringRoleArn", "is required when monitoringInterval is not 0"))
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), self.physical_name(inputs)
        with data_plane() as plane:
            version = inputs.get("engineVersion") or str(max(plane.databases.majors()))
            group = inputs.get("parameterGroupName")
            parameters = parameters_of(client, group) if group else {}
            plane.databases.check(_major(version), parameters)
            inputs = _restored(plane, inputs)
            creation = self._creation(inputs, name, version)
            if attempt(_EXISTS, client.create_db_instance, **creation) is None:
                if plane.databases.exists(name):
                    raise LocalError(f"database instance {name} exists already; import it or choose another")
                # A create that was cut short left RDS's side without a server: take it up.
                operation.say("taking up a database instance that was left half made")
            operation.made(name, {**inputs, "identifier": name})
            self._serve(operation, plane, name, inputs, version, parameters)
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = self._describe(state, identity)
        if live is None:
            return None
        with data_plane() as plane:
            server = plane.databases.describe(identity)
        if server is None:
            return None
        found: Properties = {
            key: live.get(name, _UNSET.get(key)) for key, name in {**BOTH, **CREATE_ONLY}.items()
        }
        groups = live.get("DBParameterGroups") or [{}]
        found |= {
            "address": server.endpoint.address,
            "arn": live["DBInstanceArn"],
            "dbSubnetGroupName": (live.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
            "deleteAutomatedBackups": state.get("deleteAutomatedBackups", True),
            "enabledCloudwatchLogsExports": live.get("EnabledCloudwatchLogsExports") or None,
            "endpoint": f"{server.endpoint.address}:{server.endpoint.port}",
            "engineVersionActual": server.version,
            "hostedZoneId": "",
            "identifier": identity,
            "performanceInsightsEnabled": bool(live.get("PerformanceInsightsEnabled")),
            "latestRestorableTime": state.get("latestRestorableTime")
            or rfc3339(live.get("LatestRestorableTime")),
            "parameterGroupName": groups[0].get("DBParameterGroupName"),
            "port": server.endpoint.port,
            "publiclyAccessible": bool(live.get("PubliclyAccessible")),
            "replicas": live.get("ReadReplicaDBInstanceIdentifiers") or [],
            "resourceId": live["DbiResourceId"],
            "skipFinalSnapshot": state.get("skipFinalSnapshot", False),
            "snapshotIdentifier": state.get("snapshotIdentifier"),
            "status": live["DBInstanceStatus"],
            "vpcSecurityGroupIds": [
                each["VpcSecurityGroupId"] for each in live.get("VpcSecurityGroups") or []
            ],
        }
        return self.live(state, found, from_list(live.get("TagList")))

    def update(
        self, operation: Operation, identity: str, old_inputs: Properties, state: Properties, new: Properties
    ) -> Properties:
        with data_plane() as plane:
            if not plane.databases.exists(identity):
                new = _restored(plane, new)
                # The create failed after RDS's side was there; only the engine knows of it since.
                group, live = new.get("parameterGroupName"), self._describe(new, identity) or {}
                parameters = parameters_of(self.client(new), group) if group else {}
                version = new.get("engineVersion") or live.get("EngineVersion", "")
                self._serve(operation, plane, identity, new, version, parameters)
        return super().update(operation, identity, old_inputs, state, new)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        changed = {
            name: new.get(key, INPUTS[key].default or 0)
            for key, name in BOTH.items()
            if not INPUTS[key].same(old.get(key), new.get(key))
            and not (new.get(key) is None and INPUTS[key].computed)
        }
        for key, name in {
            "dbSubnetGroupName": "DBSubnetGroupName",
            "parameterGroupName": "DBParameterGroupName",
            "vpcSecurityGroupIds": "VpcSecurityGroupIds",
        }.items():
            if new.get(key) is not None and not INPUTS[key].same(old.get(key), new[key]):
                changed[name] = new[key]
        insights = new.get("performanceInsightsEnabled")
        if insights != old.get("performanceInsightsEnabled"):
            changed["EnablePerformanceInsights"] = bool(insights)
        exports = self._exports(old, new)
        if exports:
            changed["CloudwatchLogsExportConfiguration"] = exports
        self._change_server(operation, identity, old, new)
        if changed:
            client.modify_db_instance(
                DBInstanceIdentifier=identity,
                ApplyImmediately=True,
                AllowMajorVersionUpgrade=bool(new.get("allowMajorVersionUpgrade")),
                **changed,
            )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        live = self._describe(state, identity)
        protected = live.get("DeletionProtection") if live else state.get("deletionProtection")
        with data_plane() as plane:
            if protected and (live or plane.databases.exists(identity)):
                raise LocalError(
                    f"database instance {identity} is protected against deletion; "
                    "set deletionProtection to false and update before"
                )
            if live:
                self._delete_live(operation, plane, identity, state)
            plane.databases.delete(identity)

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        instances = client.describe_db_instances()["DBInstances"]
        return [
            each["DBInstanceIdentifier"]
            for each in instances
            if each["DBInstanceIdentifier"].startswith(prefix)
        ]

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        return name if self._describe(inputs, name) is not None else None

    # -- inside -------------------------------------------------------------------------------------

    def _serve(
        self,
        operation: Operation,
        plane: DataPlane,
        identity: str,
        inputs: Properties,
        version: str,
        parameters: Mapping[str, str],
    ) -> None:
        """Start the real server, or attach to the one that is there."""
        from localcloud.dataplane import DatabaseSpec  # noqa: PLC0415 - only databases need its memory

        operation.say("starting PostgreSQL")
        plane.databases.create(
            DatabaseSpec(
                identifier=identity,
                major_version=_major(version),
                master_username=inputs["username"],
                password=_password(inputs) or "",
                db_name=inputs.get("dbName"),
                parameters=parameters,
                snapshot=_snapshot_name(inputs),
            )
        )

    def _keeps(self, name: str, value: Any, live: Properties) -> bool:
        """The port that was asked for gives way to the real one in the state."""
        return super()._keeps(name, value, live) and not (name == "port" and live.get("port"))

    def _inputs_of(self, live: Properties, old: Properties) -> Properties:
        found = super()._inputs_of({**live, "port": None}, old)
        if "port" in old:
            found["port"] = old["port"]
        return found

    def _describe(self, properties: Properties, identity: str) -> Any:
        answer = attempt(
            _NOT_FOUND, self.client(properties).describe_db_instances, DBInstanceIdentifier=identity
        )
        return answer["DBInstances"][0] if answer and answer["DBInstances"] else None

    def _creation(self, inputs: Properties, name: str, version: str) -> Properties:
        arguments: Properties = {
            api: inputs[key] for key, api in {**BOTH, **CREATE_ONLY}.items() if inputs.get(key) is not None
        }
        others = {
            "dbSubnetGroupName": "DBSubnetGroupName",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "parameterGroupName": "DBParameterGroupName",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "port": "Port",
            "vpcSecurityGroupIds": "VpcSecurityGroupIds",
        }
        arguments |= {api: inputs[key] for key, api in others.items() if inputs.get(key)}
        # The password goes to the real server only: nothing else may hold it.
        return {
            **arguments,
            "DBInstanceIdentifier": name,
            "EngineVersion": version,
            "Tags": to_list(self.wanted_tags(inputs)),
        }

    def _exports(self, old: Properties, new: Properties) -> Properties:
        before = set(old.get("enabledCloudwatchLogsExports") or ())
        after = set(new.get("enabledCloudwatchLogsExports") or ())
        if before == after:
            return {}
        return {"EnableLogTypes": sorted(after - before), "DisableLogTypes": sorted(before - after)}

    def _change_server(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Bring the real server to the new password, parameters and major version, where these change."""
        rotated = old.get("password") != new.get("password") or old.get("passwordWoVersion") != new.get(
            "passwordWoVersion"
        )
        group, version = new.get("parameterGroupName"), new.get("engineVersion")
        regrouped = group is not None and group != old.get("parameterGroupName")
        upgraded = version is not None and version != old.get("engineVersion")
        if not (rotated or regrouped or upgraded):
            return
        with data_plane() as plane:
            operation.say("changing PostgreSQL")
            plane.databases.modify(
                identity,
                password=_password(new) if rotated else None,
                parameters=parameters_of(self.client(new), group) if group and regrouped else None,
                major_version=_major(version) if version and upgraded else None,
            )

    def _delete_live(self, operation: Operation, plane: DataPlane, identity: str, state: Properties) -> None:
        how: Properties = {"SkipFinalSnapshot": True}
        if not state.get("skipFinalSnapshot"):
            snapshot = state.get("finalSnapshotIdentifier")
            if not snapshot:
                raise LocalError(
                    f"database instance {identity}: finalSnapshotIdentifier is required when "
                    "skipFinalSnapshot is false; set one of them and update before"
                )
            how = {"FinalDBSnapshotIdentifier": snapshot, "SkipFinalSnapshot": False}
            operation.say(f"keeping the data as snapshot {snapshot}")
            if plane.databases.exists(identity) and not plane.databases.save(identity, snapshot):
                operation.say(f"the final snapshot {snapshot} is an entry without data on a server of yours")
        attempt(_NOT_FOUND, self.client(state).delete_db_instance, DBInstanceIdentifier=identity, **how)


def _snapshot_name(inputs: Properties) -> str | None:
    given = inputs.get("snapshotIdentifier")
    return given.rsplit(":", 1)[-1] if given else None


def _restored(plane: DataPlane, inputs: Properties) -> Properties:
    """Return `inputs` with user and database of the snapshot to restore, where there is one."""
    name = _snapshot_name(inputs)
    if name is None:
        return inputs
    found = plane.databases.snapshot(name)
    if found is None:
        raise LocalError(
            f"there is no data of a snapshot {name} on this machine; only a database that was deleted "
            "here with a final snapshot can be restored"
        )
    kept = {"username": found.master_username, "dbName": found.db_name}
    for key, value in kept.items():
        if inputs.get(key) not in (None, value):
            raise LocalError(f"{key} comes from the snapshot {name}, which has {value}; leave it out")
    return {**inputs, **kept}


def _password(inputs: Properties) -> str | None:
    return inputs.get("password") or inputs.get("passwordWo")


def _major(version: str) -> int:
    return int(version.split(".", maxsplit=1)[0])
