"""aws:index/getCallerIdentity:getCallerIdentity."""

from __future__ import annotations

from localcloud.aws.base import AwsFunction, read_from
from localcloud.resource import Properties


class GetCallerIdentity(AwsFunction):
    """Who the credentials belong to."""

    token = "aws:index/getCallerIdentity:getCallerIdentity"
    source = read_from("sts/caller_identity_data_source.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    inputs = {}

    def call(self, arguments: Properties) -> Properties:
        answer = self.session.client("sts").get_caller_identity()
        account = answer["Account"]
        return {"accountId": account, "arn": answer["Arn"], "id": account, "userId": answer["UserId"]}
