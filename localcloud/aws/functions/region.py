"""aws:index/getRegion:getRegion and aws:index/getPartition:getPartition."""

from __future__ import annotations

from localcloud.aws.base import AwsFunction, read_from
from localcloud.aws.session import partition_of
from localcloud.fields import Text
from localcloud.resource import LocalError, Properties

_DNS_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-us-gov": "amazonaws.com",
}


def dns_suffix(partition: str) -> str:
    """Return the domain of a partition's services."""
    return _DNS_SUFFIXES[partition]


class GetRegion(AwsFunction):
    """A region by its name or its EC2 endpoint; the provider's own when neither is given."""

    token = "aws:index/getRegion:getRegion"
    source = read_from("meta/region_data_source.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    inputs = {"endpoint": Text(), "name": Text(), "region": Text()}

    def call(self, arguments: Properties) -> Properties:
        endpoint = arguments.get("endpoint")
        name = arguments.get("region") or arguments.get("name")
        descriptions = self.session.regions()
        if endpoint is not None:
            by_endpoint = next((each for each in descriptions if _endpoint(each) == endpoint), None)
            if by_endpoint is None or (name is not None and name != by_endpoint):
                raise LocalError(
                    f"getRegion: no region has the endpoint {endpoint}; correct it or leave it out"
                )
            name = by_endpoint
        name = name or self.session.region
        if name not in descriptions:
            raise LocalError(f"getRegion: there is no region {name}; correct the name")
        return {
            "description": descriptions[name],
            "endpoint": _endpoint(name),
            "id": name,
            "name": name,
            "region": name,
        }


class GetPartition(AwsFunction):
    """The partition of the provider's region."""

    token = "aws:index/getPartition:getPartition"
    source = read_from("meta/partition_data_source.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    inputs = {}

    def call(self, arguments: Properties) -> Properties:
        partition = self.session.partition()
        suffix = dns_suffix(partition)
        return {
            "dnsSuffix": suffix,
            "id": partition,
            "partition": partition,
            "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
        }


def _endpoint(region: str) -> str:
    return f"ec2.{region}.{dns_suffix(partition_of(region))}"
