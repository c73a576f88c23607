"""The inputs of a database instance, and which of them go to the API under which name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from localcloud.aws.checks import arn
from localcloud.aws.names import prefix_input
from localcloud.fields import Autoname, Field, Flag, Integer, SetOf, Text, WriteOnlyText

IDENTIFIER_LIMIT: Final = 63
_IDENTIFIER: Final = r"[a-z](-?[a-z0-9])*"
_SNAPSHOT: Final = r"[A-Za-z](-?[A-Za-z0-9])*"
_DAY_WINDOW: Final = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"
_DAY: Final = r"(?i:mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d"
_VERSION: Final = r"\d+(\.\d+)*"


@dataclass(frozen=True, kw_only=True)
class Version(Text):
    """A version of the engine: ``15`` stands for any ``15.x``."""

    def same(self, old: Any, new: Any) -> bool:
        return old == new or (isinstance(old, str) and isinstance(new, str) and old.startswith(f"{new}."))


INPUTS: Final[Mapping[str, Field]] = {
    "allocatedStorage": Integer(computed=True, minimum=1),
    "allowMajorVersionUpgrade": Flag(write_only=True),
    "applyImmediately": Flag(write_only=True),
    "autoMinorVersionUpgrade": Flag(default=True),
    "availabilityZone": Text(computed=True, force_new=True),
    "backupRetentionPeriod": Integer(computed=True, minimum=0, maximum=35),
    "backupWindow": Text(computed=True, pattern=_DAY_WINDOW),
    "caCertIdentifier": Text(computed=True),
    "copyTagsToSnapshot": Flag(default=False),
    "dbName": Text(computed=True, force_new=True, pattern=r"[A-Za-z_][A-Za-z0-9_]*", max_length=63),
    "dbSubnetGroupName": Text(computed=True),
    "deleteAutomatedBackups": Flag(default=True),
    "deletionProtection": Flag(default=False),
    "enabledCloudwatchLogsExports": SetOf(
        element=Text(choices=("iam-db-auth-error", "postgresql", "upgrade"))
    ),
    "engine": Text(computed=True, force_new=True, choices=("postgres",), ignore_case=True),
    "engineVersion": Version(computed=True, pattern=_VERSION),
    "finalSnapshotIdentifier": Text(write_only=True, pattern=_SNAPSHOT, max_length=255),
    "identifier": Text(
        computed=True,
        force_new=True,
        max_length=IDENTIFIER_LIMIT,
        pattern=_IDENTIFIER,
        autoname=Autoname(limit=IDENTIFIER_LIMIT),
        conflicts=("identifierPrefix",),
    ),
    "identifierPrefix": prefix_input(IDENTIFIER_LIMIT, name="identifier", pattern=r"[a-z](-?[a-z0-9])*-?"),
    "instanceClass": Text(required=True, pattern=r"db\.[a-z0-9-]+\.[a-z0-9-]+"),
    "iops": Integer(computed=True, minimum=0),
    "kmsKeyId": Text(computed=True, force_new=True, check=arn),
    "licenseModel": Text(computed=True),
    "maintenanceWindow": Text(computed=True, pattern=f"{_DAY}-{_DAY}", ignore_case=True),
    "maxAllocatedStorage": Integer(minimum=0),
    "monitoringInterval": Integer(default=0, choices=(0, 1, 5, 10, 15, 30, 60)),
    "monitoringRoleArn": Text(computed=True, check=arn),
    "multiAz": Flag(computed=True),
    "parameterGroupName": Text(computed=True),
    "password": Text(secret=True, write_only=True, min_length=8, max_length=128, conflicts=("passwordWo",)),
    "passwordWo": WriteOnlyText(
        min_length=8, max_length=128, conflicts=("password",), requires=("passwordWoVersion",)
    ),
    "passwordWoVersion": Integer(write_only=True, requires=("passwordWo",)),
    "performanceInsightsEnabled": Flag(default=False),
    "performanceInsightsKmsKeyId": Text(computed=True, check=arn),
    "performanceInsightsRetentionPeriod": Integer(computed=True, choices=(7, *range(31, 714, 31), 731)),
    "port": Integer(computed=True, minimum=1150, maximum=65_535),
    "publiclyAccessible": Flag(default=False),
    "skipFinalSnapshot": Flag(default=False),
    "snapshotIdentifier": Text(force_new=True, write_only=True),
    "storageEncrypted": Flag(default=False, force_new=True),
    "storageThroughput": Integer(computed=True),
    "storageType": Text(computed=True, choices=("gp2", "gp3", "io1", "io2", "standard")),
    "username": Text(computed=True, force_new=True, pattern=r"[A-Za-z_][A-Za-z0-9_]*", max_length=63),
    "vpcSecurityGroupIds": SetOf(computed=True, element=Text()),
}

OUTPUTS: Final = (
    "address",
    "arn",
    "endpoint",
    "engineVersionActual",
    "hostedZoneId",
    "latestRestorableTime",
    "replicas",
    "resourceId",
    "status",
)

# Inputs that a create and a change send alike, and that a describe answers under the same name.
BOTH: Final[Mapping[str, str]] = {
    "allocatedStorage": "AllocatedStorage",
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "backupWindow": "PreferredBackupWindow",
    "caCertIdentifier": "CACertificateIdentifier",
    "copyTagsToSnapshot": "CopyTagsToSnapshot",
    "deletionProtection": "DeletionProtection",
    "engineVersion": "EngineVersion",
    "instanceClass": "DBInstanceClass",
    "iops": "Iops",
    "licenseModel": "LicenseModel",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "maxAllocatedStorage": "MaxAllocatedStorage",
    "monitoringInterval": "MonitoringInterval",
    "monitoringRoleArn": "MonitoringRoleArn",
    "multiAz": "MultiAZ",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    "performanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    "publiclyAccessible": "PubliclyAccessible",
    "storageThroughput": "StorageThroughput",
    "storageType": "StorageType",
}

# Inputs that only a create sends, and that a describe answers under the same name.
CREATE_ONLY: Final[Mapping[str, str]] = {
    "availabilityZone": "AvailabilityZone",
    "dbName": "DBName",
    "engine": "Engine",
    "kmsKeyId": "KmsKeyId",
    "storageEncrypted": "StorageEncrypted",
    "username": "MasterUsername",
}
