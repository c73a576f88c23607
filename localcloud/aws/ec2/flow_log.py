"""aws:ec2/flowLog:FlowLog."""

from __future__ import annotations

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.ec2.base import Ec2Type, first, tags_of
from localcloud.fields import Failures, Integer, Text
from localcloud.resource import LocalError, Operation, Properties

_GONE = "InvalidFlowLogId.NotFound"

# What can be watched: input, EC2's kind, and how its ids begin.
_WATCHED = (
    ("vpcId", "VPC", "vpc-"),
    ("subnetId", "Subnet", "subnet-"),
    ("eniId", "NetworkInterface", "eni-"),
)


class FlowLog(Ec2Type):
    """A record of a network's traffic in a log group or a bucket; all but its tags is fixed.

    There is no traffic locally, so nothing is ever recorded.
    """

    token = "aws:ec2/flowLog:FlowLog"
    source = read_from("ec2/vpc_flow_log.go", "00a35305dc1b297a6fcdecdfbba33f1e63c3da39")
    tag_kind = "vpc-flow-log"
    taggable = True
    inputs = {
        "eniId": Text(force_new=True),
        "iamRoleArn": Text(force_new=True, check=arn),
        "logDestination": Text(computed=True, force_new=True, check=arn),
        "logDestinationType": Text(
            default="cloud-watch-logs", force_new=True, choices=("cloud-watch-logs", "s3")
        ),
        "logFormat": Text(computed=True, force_new=True),
        "maxAggregationInterval": Integer(default=600, force_new=True, choices=(60, 600)),
        "subnetId": Text(force_new=True),
        "trafficType": Text(force_new=True, choices=("ACCEPT", "REJECT", "ALL")),
        "vpcId": Text(force_new=True),
    }
    outputs = ("arn",)
    exactly_one = (tuple(name for name, _kind, _prefix in _WATCHED),)

    def validate(self, inputs: Properties) -> Failures:
        needed = ["logDestination", "trafficType"]
        if inputs["logDestinationType"] == "cloud-watch-logs":
            needed.append("iamRoleArn")
        return [(name, "is required by EC2 but was not given") for name in needed if inputs.get(name) is None]

    def make(self, operation: Operation, inputs: Properties) -> str:
        watched, kind = next((inputs[name], kind) for name, kind, _prefix in _WATCHED if inputs.get(name))
        optional = {"DeliverLogsPermissionArn": "iamRoleArn", "LogFormat": "logFormat"}
        answer = self.client(inputs).create_flow_logs(
            ResourceIds=[watched],
            ResourceType=kind,
            TrafficType=inputs["trafficType"],
            LogDestinationType=inputs["logDestinationType"],
            LogDestination=inputs["logDestination"].removesuffix(":*"),
            MaxAggregationInterval=inputs["maxAggregationInterval"],
            TagSpecifications=self.tag_specifications(inputs),
            **{name: inputs[key] for name, key in optional.items() if inputs.get(key)},
        )
        for failure in answer.get("Unsuccessful", []):
            raise LocalError(
                f"{operation.name}: {failure['Error'].get('Message', 'the flow log was refused')}"
            )
        return answer["FlowLogIds"][0]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        log = first(_GONE, self.client(state).describe_flow_logs, "FlowLogs", FlowLogIds=[identity])
        if log is None:
            return None
        found = {
            "arn": self.arn(state, f"vpc-flow-log/{identity}"),
            "iamRoleArn": log.get("DeliverLogsPermissionArn"),
            "logDestination": log.get("LogDestination"),
            "logDestinationType": log.get("LogDestinationType"),
            "logFormat": log.get("LogFormat"),
            "maxAggregationInterval": log.get("MaxAggregationInterval"),
            "trafficType": log.get("TrafficType"),
        }
        for name, _kind, prefix in _WATCHED:
            if log["ResourceId"].startswith(prefix):
                found[name] = log["ResourceId"]
        return self.live(state, found, tags_of(log))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Do nothing: whatever is not a tag needs another flow log."""

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt([_GONE], self.client(state).delete_flow_logs, FlowLogIds=[identity])

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        watched = next(inputs[name] for name, _kind, _prefix in _WATCHED if inputs.get(name))
        criteria = [{"Name": "resource-id", "Values": [watched]}, *self.tag_filters(inputs)]
        logs = self.client(inputs).describe_flow_logs(Filters=criteria)["FlowLogs"]
        return self.only(((each["FlowLogId"], tags_of(each)) for each in logs), inputs)
