"""aws:ec2/routeTableAssociation:RouteTableAssociation."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2.base import Ec2Type
from localcloud.aws.ec2.routing import TABLE_GONE
from localcloud.fields import Failures, Text
from localcloud.resource import Live, LocalError, Operation, Properties

_GONE = "InvalidAssociationID.NotFound"


class RouteTableAssociation(Ec2Type):
    """Puts a subnet under a route table; imported as ``<subnet>/<route table>``.

    A subnet has at most one association, and EC2 gives it a new id when it changes tables; it is therefore
    looked up by its subnet.
    """

    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    source = read_from("ec2/vpc_route_table_association.go", "0be71beb458ad8875e0acc5c91519c0ceeb214aa")
    inputs = {
        "routeTableId": Text(required=True),
        "subnetId": Text(force_new=True),
    }

    def validate(self, inputs: Properties) -> Failures:
        if inputs.get("subnetId") is None:
            return [("subnetId", "is required: associations of gateways are not implemented locally")]
        return []

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        # EC2 refuses a second association of a subnet; the local endpoint answers with the first one.
        existing = _of_subnet(client, inputs["subnetId"])
        if existing is not None:
            raise LocalError(
                f"subnetId: {inputs['subnetId']} is associated with {existing['RouteTableId']} already; "
                "remove that association first"
            )
        return client.associate_route_table(RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"])[
            "AssociationId"
        ]

    def read(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> Live | None:
        subnet, separator, _table = identity.partition("/")
        if separator:
            state = {**state, "subnetId": subnet}
            association = _of_subnet(self.client(state), subnet)
            if association is None:
                return None
            identity = association["RouteTableAssociationId"]
        return super().read(operation, identity, inputs, {**inputs, **state})

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        subnet = state.get("subnetId")
        association = _of_subnet(client, subnet) if subnet else _by_id(client, identity)
        if association is None:
            return None
        return self.live(
            state,
            {"routeTableId": association["RouteTableId"], "subnetId": association.get("SubnetId")},
        )

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        association = _of_subnet(client, new["subnetId"])
        if association is None:
            client.associate_route_table(RouteTableId=new["routeTableId"], SubnetId=new["subnetId"])
        else:
            client.replace_route_table_association(
                AssociationId=association["RouteTableAssociationId"], RouteTableId=new["routeTableId"]
            )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        association = _of_subnet(client, state["subnetId"])
        if association is not None and association["RouteTableId"] == state["routeTableId"]:
            found = association["RouteTableAssociationId"]
            attempt([_GONE, TABLE_GONE], client.disassociate_route_table, AssociationId=found)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        association = _of_subnet(self.client(inputs), inputs["subnetId"])
        if association is None or association["RouteTableId"] != inputs["routeTableId"]:
            return None
        return association["RouteTableAssociationId"]


def _of_subnet(client: Any, subnet: str) -> dict[str, Any] | None:
    return _search(client, "association.subnet-id", "SubnetId", subnet)


def _by_id(client: Any, identity: str) -> dict[str, Any] | None:
    return _search(client, "association.route-table-association-id", "RouteTableAssociationId", identity)


def _search(client: Any, criterion: str, key: str, value: str) -> dict[str, Any] | None:
    answer = client.describe_route_tables(Filters=[{"Name": criterion, "Values": [value]}])
    for table in answer["RouteTables"]:
        for association in table["Associations"]:
            if association.get(key) == value:
                return association
    return None
