"""Orders through an environment, watched with boto3 and psycopg only."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from environment_cloud import Cloud


class Orders:
    """Sends orders to the environment `stack` and looks at what becomes of them."""

    def __init__(self, cloud: Cloud, stack: str) -> None:
        self._cloud = cloud
        self.outputs = cloud.outputs(stack)
        self._sqs = cloud.client("sqs")

    def send(self, order: dict[str, Any] | str) -> None:
        body = order if isinstance(order, str) else json.dumps(order)
        self._sqs.send_message(QueueUrl=self.outputs["orders_queue_url"], MessageBody=body)

    def replies(self, orders: set[str], seconds: float) -> dict[str, int]:
        """Take replies until each of `orders` has one; how often each order was answered."""
        counted: dict[str, int] = {}
        for message in self._messages(self.outputs["replies_queue_url"], seconds):
            order = json.loads(message["Body"])["order_id"]
            counted[order] = counted.get(order, 0) + 1
            if orders <= counted.keys():
                break
        return counted

    def dead_letter(self, body: str, seconds: float) -> dict[str, str]:
        """The attributes of the dead letter with this body."""
        for message in self._messages(self.outputs["orders_dead_letter_queue_url"], seconds):
            if message["Body"] == body:
                attributes = message.get("MessageAttributes", {})
                return {name: each["StringValue"] for name, each in attributes.items()}
        raise AssertionError(f"no such dead letter within {seconds:g} s")

    def dead_letters(self) -> int:
        """How many orders could not be processed."""
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self.outputs["orders_dead_letter_queue_url"], AttributeNames=["All"]
        )["Attributes"]
        return int(answer["ApproximateNumberOfMessages"])

    def _messages(self, url: str, seconds: float) -> Iterator[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self._sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                yield message

    def await_empty(self, seconds: float = 30) -> None:
        """Wait until no order is waiting or in work."""

        def empty() -> bool:
            answer = self._sqs.get_queue_attributes(
                QueueUrl=self.outputs["orders_queue_url"], AttributeNames=["All"]
            )["Attributes"]
            names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
            return all(int(answer[name]) == 0 for name in names)

        eventually(empty, "the orders queue is empty", seconds)

    def rows(self, order: str) -> int:
        """How many rows the database holds of an order."""
        with self.database() as connection:
            row = connection.execute("SELECT count(*) FROM orders WHERE order_id = %s", [order]).fetchone()
        assert row is not None
        return row[0]

    def objects(self, order: str) -> int:
        """How many versions of objects the archive holds of an order."""
        pages = self._cloud.client("s3").get_paginator("list_object_versions")
        found = pages.paginate(Bucket=self.outputs["archive_bucket"])
        return sum(order in each["Key"] for page in found for each in page.get("Versions", []))

    def secret(self, kind: str) -> dict[str, Any]:
        """What Secrets Manager holds for the ``database`` or the ``cache``."""
        arn = self.outputs[f"{kind}_secret_arn"]
        return json.loads(self._cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        secret = self.secret("database")
        with psycopg.connect(
            host=secret["host"],
            port=secret["port"],
            dbname=secret["dbname"],
            user=secret["username"],
            password=secret["password"],
            sslmode="require",
            connect_timeout=5,
        ) as connection:
            yield connection


class Stream(threading.Thread):
    """Sends an order every `pause` seconds until it is told to stop, and at least `LEAST` of them."""

    LEAST = 20

    def __init__(self, orders: Orders, pause: float = 0.5) -> None:
        super().__init__(daemon=True)
        self.sent: list[str] = []
        self._orders, self._pause = orders, pause
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set() or len(self.sent) < self.LEAST:
            order = new_order()
            self._orders.send(order)
            self.sent.append(order["order_id"])
            time.sleep(self._pause)

    def end(self) -> list[str]:
        """Stop sending; return the ids of what was sent."""
        self._over.set()
        self.join(60)
        return self.sent


def new_order() -> dict[str, Any]:
    """A valid order that nobody sent yet."""
    return {
        "order_id": f"e2e-{uuid.uuid4().hex[:16]}",
        "customer_id": "e2e",
        "currency": "EUR",
        "lines": [{"sku": "MUG-BLUE", "quantity": 2}, {"sku": "PEN-FINELINER", "quantity": 1}],
        "placed_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def eventually(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait until `true` is."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.2)
