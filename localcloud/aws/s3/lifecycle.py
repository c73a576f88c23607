"""What a bucket does with objects as they age."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import rfc3339
from localcloud.aws.s3.part import BUCKET, BucketPart, gone
from localcloud.aws.tags import from_list, to_list
from localcloud.fields import Block, Failures, Flag, Integer, ListOf, MapOf, SetOf, Text
from localcloud.resource import Properties
from localcloud.values import UNKNOWN

_GONE: Final = gone("NoSuchLifecycleConfiguration")
_CLASSES: Final = (
    "DEEP_ARCHIVE",
    "GLACIER",
    "GLACIER_IR",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "STANDARD_IA",
)
_DATE: Final = r"\d{4}-\d\d-\d\dT00:00:00(\.0+)?Z"
# The only one that moto keeps.
_MINIMUM_SIZE: Final = "all_storage_classes_128K"

_AND: Final = Block(fields={"prefix": Text(), "tags": MapOf(element=Text())})
_TAG: Final = Block(fields={"key": Text(required=True), "value": Text(required=True)})
_EXPIRATION: Final = Block(
    fields={
        "date": Text(pattern=_DATE),
        "days": Integer(computed=True, minimum=1),
        "expiredObjectDeleteMarker": Flag(computed=True),
    }
)
_OLD_TRANSITION: Final = Block(
    fields={
        "newerNoncurrentVersions": Integer(minimum=1),
        "noncurrentDays": Integer(required=True, minimum=0),
        "storageClass": Text(required=True, choices=_CLASSES),
    }
)
_TRANSITION: Final = Block(
    fields={
        "date": Text(pattern=_DATE),
        "days": Integer(computed=True, minimum=0),
        "storageClass": Text(required=True, choices=_CLASSES),
    }
)
_RULE: Final = Block(
    fields={
        "abortIncompleteMultipartUpload": Block(fields={"daysAfterInitiation": Integer()}),
        "expiration": _EXPIRATION,
        "filter": Block(fields={"and": _AND, "prefix": Text(computed=True), "tag": _TAG}),
        "id": Text(required=True, min_length=1, max_length=255),
        "noncurrentVersionExpiration": Block(fields={"noncurrentDays": Integer(required=True, minimum=1)}),
        "noncurrentVersionTransitions": SetOf(element=_OLD_TRANSITION),
        "prefix": Text(computed=True),
        "status": Text(required=True, choices=("Disabled", "Enabled")),
        "transitions": SetOf(element=_TRANSITION),
    }
)


class BucketLifecycle(BucketPart):
    """A bucket's lifecycle rules."""

    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    source = read_from("s3/bucket_lifecycle_configuration.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    inputs = {
        "bucket": BUCKET,
        "rules": ListOf(min_items=1, element=_RULE),
        "transitionDefaultMinimumObjectSize": Text(computed=True, choices=(_MINIMUM_SIZE,)),
    }

    def validate(self, inputs: Properties) -> Failures:
        rules = inputs.get("rules")
        if rules is None:
            return [("rules", "is required: a lifecycle without any rule can't be put")]
        if not isinstance(rules, list):
            return []
        failures: Failures = []
        for index, rule in enumerate(each for each in rules if isinstance(each, dict)):
            failures += _rule_failures(f"rules[{index}]", rule)
        return failures

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        rules = [_to_api(rule) for rule in inputs["rules"]]
        client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    def get(self, client: Any, bucket: str, state: Properties) -> Properties | None:
        answer = attempt(_GONE, client.get_bucket_lifecycle_configuration, Bucket=bucket)
        if answer is None:
            return None
        return {
            "rules": [_from_api(rule) for rule in answer["Rules"]],
            "transitionDefaultMinimumObjectSize": _MINIMUM_SIZE,
        }

    def drop(self, client: Any, bucket: str, state: Properties) -> None:
        attempt(_GONE, client.delete_bucket_lifecycle, Bucket=bucket)


def _rule_failures(path: str, rule: Properties) -> Failures:
    failures: Failures = []
    if rule.get("filter") not in (None, UNKNOWN) and rule.get("prefix") not in (None, "", UNKNOWN):
        failures.append((f"{path}.prefix", "can't be given together with filter"))
    expiration = rule.get("expiration")
    if isinstance(expiration, dict):
        kinds = [name for name in expiration if expiration[name] not in (None, False)]
        if len(kinds) > 1:
            failures.append((f"{path}.expiration", f"must have one of {', '.join(sorted(kinds))} only"))
    for index, transition in enumerate(rule.get("transitions") or []):
        if isinstance(transition, dict) and ("date" in transition) == ("days" in transition):
            failures.append((f"{path}.transitions[{index}]", "must have exactly one of date and days"))
    return failures


def _to_api(rule: Properties) -> Properties:
    api: Properties = {"ID": rule["id"], "Status": rule["status"]}
    if rule.get("filter") is not None:
        api["Filter"] = _filter_to_api(rule["filter"])
    else:
        api["Prefix"] = rule.get("prefix") or ""
    if rule.get("expiration"):
        api["Expiration"] = _named(rule["expiration"], "date", "days", "expiredObjectDeleteMarker")
    if rule.get("abortIncompleteMultipartUpload"):
        api["AbortIncompleteMultipartUpload"] = _named(
            rule["abortIncompleteMultipartUpload"], "daysAfterInitiation"
        )
    if rule.get("noncurrentVersionExpiration"):
        api["NoncurrentVersionExpiration"] = _named(rule["noncurrentVersionExpiration"], "noncurrentDays")
    if rule.get("noncurrentVersionTransitions"):
        api["NoncurrentVersionTransitions"] = [
            _named(each, "newerNoncurrentVersions", "noncurrentDays", "storageClass")
            for each in rule["noncurrentVersionTransitions"]
        ]
    if rule.get("transitions"):
        api["Transitions"] = [_named(each, "date", "days", "storageClass") for each in rule["transitions"]]
    return api


def _named(block: Properties, *names: str) -> Properties:
    """Return the given properties under the API's names, which begin with a capital."""
    return {name[0].upper() + name[1:]: block[name] for name in names if block.get(name) not in (None, False)}


def _filter_to_api(given: Properties) -> Properties:
    if given.get("and"):
        both = given["and"]
        prefix = {"Prefix": both["prefix"]} if both.get("prefix") is not None else {}
        return {"And": {**prefix, "Tags": to_list(both.get("tags") or {})}}
    if given.get("tag"):
        return {"Tag": {"Key": given["tag"]["key"], "Value": given["tag"]["value"]}}
    return {"Prefix": given.get("prefix") or ""}


def _from_api(api: Properties) -> Properties:
    found: Properties = {"id": api["ID"], "status": api["Status"]}
    if "Filter" in api:
        found["filter"] = _filter_from_api(api["Filter"])
    elif api.get("Prefix"):
        found["prefix"] = api["Prefix"]
    if "Expiration" in api:
        expiration = api["Expiration"]
        found["expiration"] = {
            "date": rfc3339(expiration.get("Date")),
            "days": expiration.get("Days"),
            "expiredObjectDeleteMarker": bool(expiration.get("ExpiredObjectDeleteMarker")),
        }
    for name in ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"):
        if name in api:
            found[_lower(name)] = {_lower(key): value for key, value in api[name].items()}
    for name in ("NoncurrentVersionTransitions", "Transitions"):
        if api.get(name):
            found[_lower(name)] = [_transition(each) for each in api[name]]
    return found


def _transition(api: Properties) -> Properties:
    return {_lower(key): rfc3339(value) if key == "Date" else value for key, value in api.items()}


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _filter_from_api(api: Properties) -> Properties:
    if "And" in api:
        return {"and": {"prefix": api["And"].get("Prefix"), "tags": from_list(api["And"].get("Tags"))}}
    if "Tag" in api:
        return {"tag": {"key": api["Tag"]["Key"], "value": api["Tag"]["Value"]}}
    return {"prefix": api.get("Prefix") or ""}
