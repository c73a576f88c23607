"""SQS, Secrets Manager, S3, KMS and IAM types where they differ from the common lifecycle."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from cases.aws_sqs import QUEUE, _policy
from lifecycle import Refused, World

BUCKET = "aws:s3/bucket:Bucket"
KEY = "aws:kms/key:Key"
POLICY = "aws:iam/policy:Policy"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"
ROLE = "aws:iam/role:Role"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


@pytest.fixture
def world(world_of: Callable[[str], World]) -> World:
    return world_of("aws")


def _attributes(world: World, url: str) -> dict[str, str]:
    return world.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_generated_name_of_a_fifo_queue_ends_as_it_must(world: World) -> None:
    standard = world.engine.checked(QUEUE, {})
    fifo = world.engine.checked(QUEUE, {"fifoQueue": True})
    assert not standard["name"].endswith(".fifo")
    assert fifo["name"].endswith(".fifo")
    assert world.engine.checked(QUEUE, {"fifoQueue": True}, fifo)["name"] == fifo["name"]
    assert world.engine.checked(QUEUE, {"fifoQueue": True}, standard)["name"].endswith(".fifo")


def test_policy_survives_a_change_of_another_attribute(world: World) -> None:
    inputs = world.engine.checked(QUEUE, {"name": world.unique("kept"), "policy": _policy(world)})
    url, state = world.engine.create(QUEUE, inputs)
    world.engine.update(QUEUE, url, inputs, state, {**inputs, "delaySeconds": 7})
    live = _attributes(world, url)
    assert json.loads(live["Policy"]) == json.loads(_policy(world))
    assert live["DelaySeconds"] == "7"


def test_policies_set_at_once_do_not_lose_each_other(world: World) -> None:
    target = world.make(QUEUE, {"name": world.unique("dead")})[1]["arn"]
    redrive = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 2})
    for _ in range(5):
        url = world.make(QUEUE, {"name": world.unique("both")})[0]
        jobs = [
            (QUEUE_POLICY, {"queueUrl": url, "policy": _policy(world)}),
            (REDRIVE, {"queueUrl": url, "redrivePolicy": redrive}),
        ]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda job: world.engine.create(job[0], world.engine.checked(*job)), jobs))
        assert {"Policy", "RedrivePolicy"} <= _attributes(world, url).keys()


@pytest.mark.parametrize(
    ("permission", "refused"), [("denyAll", True), ("byQueue", True), ("allowAll", False)]
)
def test_redrive_allow_policy_is_kept(world: World, permission: str, refused: bool) -> None:
    allow: dict[str, object] = {"redrivePermission": permission}
    if permission == "byQueue":
        allow["sourceQueueArns"] = ["arn:aws:sqs:eu-central-1:123456789012:other"]
    program = {"name": world.unique("dead"), "redriveAllowPolicy": json.dumps(allow)}
    target = world.make(QUEUE, program)[1]["arn"]
    redrive = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 2})
    inputs = world.engine.checked(QUEUE, {"name": world.unique("source"), "redrivePolicy": redrive})
    if refused:
        with pytest.raises(Refused, match="redriveAllowPolicy"):
            world.engine.create(QUEUE, inputs)
    else:
        assert world.engine.create(QUEUE, inputs)[0]


def test_tag_that_keeps_the_policy_is_not_shown(world: World) -> None:
    program = {"name": world.unique("q"), "redriveAllowPolicy": '{"redrivePermission":"denyAll"}'}
    _, state = world.make(QUEUE, program)
    assert state["tagsAll"] == {}


def test_name_of_a_secret_that_waits_for_deletion_is_explained(world: World) -> None:
    inputs = world.engine.checked(SECRET, {"name": world.unique("waits"), "recoveryWindowInDays": 7})
    id, state = world.engine.create(SECRET, inputs)
    world.engine.delete(SECRET, id, inputs, state)
    with pytest.raises(Refused, match=r"scheduled for deletion.*recoveryWindowInDays"):
        world.engine.create(SECRET, inputs)


def test_new_value_of_a_secret_becomes_the_current_one(world: World) -> None:
    secret = world.make(SECRET, {"name": world.unique("value")})[0]
    values = []
    for text in ("first", "second"):
        inputs = world.engine.checked(VERSION, {"secretId": secret, "secretString": text})
        values.append((inputs, *world.engine.create(VERSION, inputs)))
    first, id, state = values[0]
    world.engine.delete(VERSION, id, first, state)
    current = world.client("secretsmanager").get_secret_value(SecretId=secret)
    assert current["SecretString"] == "second"
    assert world.engine.read(VERSION, values[1][1], *values[1][::2]).state["versionStages"] == ["AWSCURRENT"]


def test_error_of_a_secret_version_never_shows_its_value(world: World) -> None:
    inputs = world.engine.checked(VERSION, {"secretId": "no-such-secret", "secretString": "canary-value"})
    with pytest.raises(Refused) as refused:
        world.engine.create(VERSION, inputs)
    assert "canary-value" not in str(refused.value)


def test_bucket_with_objects_goes_only_when_told_to(world: World) -> None:
    name = world.unique("full")
    inputs = world.engine.checked(BUCKET, {"bucket": name})
    id, state = world.engine.create(BUCKET, inputs)
    versioned = world.engine.checked(
        VERSIONING, {"bucket": name, "versioningConfiguration": {"status": "Enabled"}}
    )
    world.engine.create(VERSIONING, versioned)
    for body in (b"1", b"2"):
        world.client("s3").put_object(Bucket=name, Key="object", Body=body)
    world.client("s3").delete_object(Bucket=name, Key="object")
    with pytest.raises(Refused, match="forceDestroy"):
        world.engine.delete(BUCKET, id, inputs, state)
    forced = {**inputs, "forceDestroy": True}
    after = world.engine.update(BUCKET, id, inputs, state, forced)
    world.engine.delete(BUCKET, id, forced, after)
    assert world.engine.read(BUCKET, id, forced, after).id == ""


def test_versioning_that_was_on_can_not_be_disabled(world: World) -> None:
    bucket = world.make(BUCKET, {"bucket": world.unique("versions")})[0]
    inputs = world.engine.checked(
        VERSIONING, {"bucket": bucket, "versioningConfiguration": {"status": "Enabled"}}
    )
    id, state = world.engine.create(VERSIONING, inputs)
    off = {**inputs, "versioningConfiguration": {"status": "Disabled"}}
    with pytest.raises(Refused, match="Suspended"):
        world.engine.update(VERSIONING, id, inputs, state, off)


def test_attached_policy_is_not_removed_from_under_a_role(world: World) -> None:
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    )
    inputs = world.engine.checked(POLICY, {"name": world.unique("attached"), "policy": document})
    id, state = world.engine.create(POLICY, inputs)
    role = world.make(ROLE, {"name": world.unique("r"), "assumeRolePolicy": document})[0]
    world.client("iam").attach_role_policy(RoleName=role, PolicyArn=id)
    with pytest.raises(Refused, match="still attached"):
        world.engine.delete(POLICY, id, inputs, state)


def test_policy_keeps_at_most_five_versions(world: World) -> None:
    def document(sid: str) -> str:
        statement = {"Sid": sid, "Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    inputs = world.engine.checked(POLICY, {"name": world.unique("often"), "policy": document("first")})
    id, state = world.engine.create(POLICY, inputs)
    for number in range(7):
        changed = {**inputs, "policy": document(f"s{number}")}
        state = world.engine.update(POLICY, id, inputs, state, changed)
        inputs = changed
    versions = world.client("iam").list_policy_versions(PolicyArn=id)["Versions"]
    assert len(versions) == 5
    assert "s6" in state["policy"]


def test_deleted_key_waits_and_reads_as_gone(world: World) -> None:
    inputs = world.engine.checked(KEY, {"deletionWindowInDays": 9, "tags": {"t": world.unique("k")}})
    id, state = world.engine.create(KEY, inputs)
    world.engine.delete(KEY, id, inputs, state)
    assert world.client("kms").describe_key(KeyId=id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert world.engine.read(KEY, id, inputs, state).id == ""
