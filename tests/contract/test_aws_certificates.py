"""Certificates and DNS records where they differ from the common lifecycle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cases.aws_acm import CERTIFICATE
from cases.aws_route53 import RECORD, ZONE, zone
from lifecycle import Inputs, Refused, World

VALIDATION = "aws:acm/certificateValidation:CertificateValidation"


@pytest.fixture
def world(world_of: Callable[[str], World]) -> World:
    return world_of("aws")


def _certificate(world: World) -> tuple[str, dict[str, Any]]:
    name = f"{world.unique('shop')}.example.com"
    arn, state = world.make(CERTIFICATE, {"domainName": name, "validationMethod": "DNS"})
    (option,) = state["domainValidationOptions"]
    return arn, option


def _record(world: World, option: dict[str, Any], **changes: Any) -> Inputs:
    given = {
        "zoneId": zone(world),
        "name": option["resourceRecordName"],
        "type": option["resourceRecordType"],
        "ttl": 60,
        "records": [option["resourceRecordValue"]],
    }
    return world.engine.checked(RECORD, {**given, **changes})


def _status(world: World, arn: str) -> str:
    return world.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]["Status"]


def test_a_certificate_is_issued_once_its_domain_is_proved(world: World) -> None:
    arn, option = _certificate(world)
    assert _status(world, arn) == "PENDING_VALIDATION"
    inputs = world.engine.checked(VALIDATION, {"certificateArn": arn})
    with pytest.raises(Refused, match="not finished within 1 s"):
        world.engine.create_raw(VALIDATION, inputs, timeout=1)
    world.engine.create(RECORD, _record(world, option))
    assert _status(world, arn) == "ISSUED"
    identity, _ = world.engine.create(VALIDATION, inputs)
    assert identity == arn


def test_a_record_that_is_missing_is_named(world: World) -> None:
    arn, option = _certificate(world)
    given = {"certificateArn": arn, "validationRecordFqdns": ["www.example.com"]}
    inputs = world.engine.checked(VALIDATION, given)
    with pytest.raises(Refused, match=option["resourceRecordName"].rstrip(".")):
        world.engine.create(VALIDATION, inputs)


def test_a_period_at_the_end_and_upper_case_are_no_change(world: World) -> None:
    _, option = _certificate(world)
    inputs = _record(world, option)
    identity, state = world.engine.create(RECORD, inputs)
    other = _record(world, option, name=inputs["name"].rstrip(".").upper())
    assert not world.engine.diff(RECORD, identity, inputs, state, other).diffs
    assert state["fqdn"] == inputs["name"].rstrip(".")


def test_a_short_name_belongs_to_the_zone(world: World) -> None:
    name = world.unique("short")
    inputs = world.engine.checked(
        RECORD, {"zoneId": zone(world), "name": name, "type": "A", "ttl": 60, "records": ["10.0.0.1"]}
    )
    identity, state = world.engine.create(RECORD, inputs)
    assert state["fqdn"] == f"{name}.example.com"
    assert world.engine.read(RECORD, identity, inputs, state).inputs["name"] == name


def test_an_alias_is_kept(world: World) -> None:
    alias = {"name": "lb-1.elb.amazonaws.com", "zoneId": "Z32O12XQLNTSW2", "evaluateTargetHealth": False}
    name = f"{world.unique('alias')}.example.com"
    inputs = world.engine.checked(
        RECORD, {"zoneId": zone(world), "name": name, "type": "A", "aliases": [alias]}
    )
    identity, state = world.engine.create(RECORD, inputs)
    assert state["aliases"] == [alias]
    assert world.engine.read(RECORD, identity, inputs, state).inputs["aliases"] == [alias]
    world.engine.delete(RECORD, identity, inputs, state)
    assert world.engine.read(RECORD, identity, inputs, state).id == ""


@pytest.mark.parametrize("force", [True, False])
def test_a_zone_with_records_goes_by_force_only(world: World, force: bool) -> None:
    inputs = world.engine.checked(ZONE, {"name": f"{world.unique('full')}.org", "forceDestroy": force})
    identity, state = world.engine.create(ZONE, inputs)
    given = {"zoneId": identity, "name": "www", "type": "A", "ttl": 60, "records": ["10.0.0.1"]}
    record = world.engine.checked(RECORD, given)
    kept, of_record = world.engine.create(RECORD, record)
    if force:
        world.engine.delete(ZONE, identity, inputs, state)
        assert world.engine.read(ZONE, identity, inputs, state).id == ""
        return
    with pytest.raises(Refused, match="HostedZoneNotEmpty"):
        world.engine.delete(ZONE, identity, inputs, state)
    world.engine.delete(RECORD, kept, record, of_record)
    world.engine.delete(ZONE, identity, inputs, state)
