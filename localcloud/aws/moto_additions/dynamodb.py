"""DynamoDB: a table's encryption can be changed, and a stream that was stopped can be started again.

moto ignores SSESpecification in UpdateTable, and takes a stream for running once it ever ran.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler


def install() -> None:
    """Add both to moto."""
    update_table, update_streams = DynamoHandler.update_table, DynamoDBBackend.update_table_streams
    if hasattr(update_table, "__wrapped__"):
        return

    @wraps(update_table)
    def with_encryption(self: DynamoHandler) -> Any:
        wanted = self.body.get("SSESpecification")
        if wanted is not None:
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            table.sse_specification = dict(wanted)
            if "KMSMasterKeyId" not in wanted:
                key = table._get_default_encryption_key(table.account_id, table.region_name)
                table.sse_specification["KMSMasterKeyId"] = key
        return update_table(self)

    @wraps(update_streams)
    def with_restart(self: DynamoDBBackend, table: Table, stream_specification: dict[str, Any]) -> None:
        if not (table.stream_specification or {}).get("StreamEnabled"):
            table.latest_stream_label = None
        update_streams(self, table, stream_specification)

    DynamoHandler.update_table = with_encryption
    DynamoDBBackend.update_table_streams = with_restart
