"""Buckets."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any, Final

from botocore.exceptions import ClientError

from localcloud.aws.base import attempt, read_from
from localcloud.aws.names import NamedType, prefix_input
from localcloud.aws.s3.zones import HOSTED_ZONES
from localcloud.aws.session import code_of
from localcloud.aws.tags import TagChange, Tags, from_list, to_list
from localcloud.fields import Autoname, Flag, Text
from localcloud.resource import LocalError, Operation, Properties

NO_BUCKET: Final = ("NoSuchBucket", "404")
_NAME_LIMIT: Final = 63
_NO_LOCK: Final = ("ObjectLockConfigurationNotFoundError",)
# The one region that has no location constraint of its own.
_CLASSIC: Final = "us-east-1"


def bucket_name(name: str) -> str | None:
    """Say what is wrong with a bucket's name, or return None."""
    if not re.fullmatch(r"[0-9a-z][0-9a-z.-]{1,61}[0-9a-z]", name):
        return (
            "must have 3 to 63 lower-case letters, digits, hyphens and dots, and begin and end with a letter "
            f"or digit, which {name!r} does not"
        )
    if ".." in name or ".-" in name or "-." in name:
        return f"must have no empty part and no hyphen beside a dot, which {name!r} has"
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return None
    return "must not look like an IP address"


class Bucket(NamedType):
    """An S3 bucket; its id is its name. What may be set with types of its own is set with those."""

    token = "aws:s3/bucket:Bucket"
    source = read_from("s3/bucket.go", "0070bcd12c952f14c5434a6f351ef7b6fa791226")
    service = "s3"
    taggable = True
    name_input = "bucket"
    prefix_input_name = "bucketPrefix"
    inputs = {
        "bucket": Text(
            computed=True,
            force_new=True,
            check=bucket_name,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("bucketPrefix",),
        ),
        "bucketPrefix": prefix_input(_NAME_LIMIT, name="bucket"),
        "forceDestroy": Flag(default=False),
        "objectLockEnabled": Flag(computed=True, force_new=True),
    }
    outputs = ("arn", "bucketDomainName", "bucketRegion", "bucketRegionalDomainName", "hostedZoneId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name, region = self.client(inputs), self.physical_name(inputs), self.region_of(inputs)
        arguments: Properties = {"Bucket": name}
        if region != _CLASSIC:
            arguments["CreateBucketConfiguration"] = {"LocationConstraint": region}
        if inputs.get("objectLockEnabled"):
            arguments["ObjectLockEnabledForBucket"] = True
        client.create_bucket(**arguments)
        operation.made(name, {**inputs, "bucket": name})
        tags = self.wanted_tags(inputs)
        if tags:
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": to_list(tags)})
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client, region = self.client(state), self.region_of(state)
        tags = self._tags(client, identity)
        if tags is None:
            return None
        lock = attempt((*_NO_LOCK, *NO_BUCKET), client.get_object_lock_configuration, Bucket=identity) or {}
        enabled = lock.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled"
        found = {
            "arn": f"arn:{self.session.partition(region)}:s3:::{identity}",
            "bucket": identity,
            "bucketDomainName": f"{identity}.s3.amazonaws.com",
            "bucketRegion": region,
            "bucketRegionalDomainName": f"{identity}.s3.{region}.amazonaws.com",
            "forceDestroy": state.get("forceDestroy", False),
            "hostedZoneId": HOSTED_ZONES.get(region),
            "objectLockEnabled": enabled,
        }
        return self.live(state, found, tags)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Nothing but tags and forceDestroy, which the state holds, changes in place."""

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        with self.session.lock(f"s3 tags {identity}"):
            tags = {**(self._tags(client, identity) or {}), **change.put}
            kept = {key: value for key, value in tags.items() if key not in change.drop}
            if kept:
                client.put_bucket_tagging(Bucket=identity, Tagging={"TagSet": to_list(kept)})
            else:
                client.delete_bucket_tagging(Bucket=identity)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        if state.get("forceDestroy"):
            self._empty(operation, client, identity)
        try:
            client.delete_bucket(Bucket=identity)
        except ClientError as error:
            if code_of(error) in NO_BUCKET:
                return
            if code_of(error) == "BucketNotEmpty":
                raise LocalError(
                    f"bucket {identity} still holds objects; empty it, or set forceDestroy and update before"
                ) from None
            raise

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        return name if attempt(NO_BUCKET, self.client(inputs).head_bucket, Bucket=name) else None

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        return [each["Name"] for each in client.list_buckets()["Buckets"] if each["Name"].startswith(prefix)]

    # -- inside -------------------------------------------------------------------------------------

    def _tags(self, client: Any, bucket: str) -> Tags | None:
        """Return the bucket's tags, or None when there is no such bucket."""
        try:
            return from_list(client.get_bucket_tagging(Bucket=bucket)["TagSet"])
        except ClientError as error:
            if code_of(error) == "NoSuchTagSet":
                return {}
            if code_of(error) in NO_BUCKET:
                return None
            raise

    def _empty(self, operation: Operation, client: Any, bucket: str) -> None:
        """Remove every version of every object."""
        while answer := attempt(NO_BUCKET, client.list_object_versions, Bucket=bucket):
            found = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
            if not found:
                return
            doomed = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
            refused = client.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True}).get(
                "Errors"
            )
            if refused:
                first = refused[0]
                raise LocalError(
                    f"bucket {bucket}: {first['Key']} can't be removed: {first.get('Message', '')}; "
                    "it may be locked"
                )
            operation.pause(0)
