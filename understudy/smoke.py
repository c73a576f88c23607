"""Sends orders through an environment and checks what becomes of them: the first proof that it works.

A :class:`Smoke` knows an environment by its stack outputs, so it serves any stack, on AWS or locally::

    smoke = Smoke.of(outputs, region="eu-central-1", endpoint_url="http://127.0.0.1:5000")
    result = smoke.run(timeout=60)
    print(result.order_id, result.seconds)

Every wait has a deadline and ends with a :class:`SmokeError` that says in one line which step failed.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import boto3
import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from understudy.errors import UnderstudyError

__all__ = ["Endpoints", "Reply", "Smoke", "SmokeError", "SmokeResult", "make_order"]

_T = TypeVar("_T")
T = TypeVar("T")

_POLL_SECONDS = 2
_PAUSE_SECONDS = 0.2
_CONNECT_SECONDS = 5


class SmokeError(UnderstudyError):
    """An order did not come through; the message is one line that names the step."""


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where an environment takes orders and where it leaves them; names as in the stack's outputs."""

    orders_queue_url: str
    orders_dead_letter_queue_url: str
    replies_queue_url: str
    archive_bucket: str
    database_secret_arn: str

    @classmethod
    def of(cls, outputs: Mapping[str, Any]) -> "Endpoints":
        """Pick the endpoints from a stack's outputs.

        Raises:
            SmokeError: an output is missing.
        """
        names = cls.__dataclass_fields__
        missing = sorted(name for name in names if not outputs.get(name))
        if missing:
            raise SmokeError(
                f"the stack has no output {', '.join(missing)}: run `pulumi up` to its end first"
            )
        return cls(**{name: str(outputs[name]) for name in names})


@dataclass(frozen=True)
class Reply:
    """A confirmation from the replies queue: its JSON and its message attributes."""

    body: Mapping[str, Any]
    attributes: Mapping[str, str]


@dataclass(kw_only=True)
class SmokeResult:
    """What happened to the order.

    Attributes:
        order_id: the order that was sent.
        reply: its confirmation.
        object_key: the archived object.
        seconds: duration of each step: ``reply``, ``stored``, ``archived``, ``duplicate``, ``malformed``.
    """

    order_id: str
    reply: Reply
    object_key: str
    seconds: dict[str, float] = field(default_factory=dict)


class _Clients(Protocol):
    def client(self, service: str) -> Any: ...


class _Session:
    """boto3 clients of one region and endpoint, made when first asked for."""

    def __init__(self, region: str, endpoint_url: str | None) -> None:
        self._session = boto3.Session(region_name=region)
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            path_style = {"addressing_style": "path"} if self._endpoint_url else {}
            config = Config(retries={"mode": "standard", "max_attempts": 3}, s3=path_style)
            self._clients[service] = self._session.client(
                service,  # pyright: ignore[reportArgumentType, reportCallIssue]
                endpoint_url=self._endpoint_url,
                config=config,
            )
        return self._clients[service]


def make_order(order_id: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a valid order message; ``changes`` replace fields, and a field set to None is left out.

    Example:
        >>> make_order("o-1", currency="USD")["currency"]
        'USD'
    """
    order = {
        "order_id": order_id or f"smoke-{uuid.uuid4().hex[:20]}",
        "customer_id": "smoke",
        "currency": "EUR",
        "lines": [{"sku": "MUG-BLUE", "quantity": 2}, {"sku": "PEN-FINELINER", "quantity": 3}],
        "placed_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return {name: value for name, value in (order | changes).items() if value is not None}


class Smoke:
    """Orders through one environment."""

    def __init__(self, endpoints: Endpoints, clients: _Clients) -> None:
        self._endpoints = endpoints
        self._clients = clients

    @classmethod
    def of(cls, outputs: Mapping[str, Any], region: str, endpoint_url: str | None = None) -> "Smoke":
        """Return the smoke test of a stack with these outputs.

        Args:
            outputs: the stack's outputs, plain values.
            region: AWS region.
            endpoint_url: AWS endpoint of the local cloud; AWS itself when left out.
        """
        return cls(Endpoints.of(outputs), _Session(region, endpoint_url))

    def run(self, timeout: float = 60, *, thorough: bool = False) -> SmokeResult:
        """Send one order and check its reply, its row and its object.

        Args:
            timeout: seconds for each step.
            thorough: also send it twice, and a malformed one.

        Raises:
            SmokeError: a step failed or took too long.
        """
        order = make_order()
        seconds: dict[str, float] = {}
        self.send_order(order)
        reply = _timed(seconds, "reply", lambda: self.await_reply(order["order_id"], timeout))
        _timed(seconds, "stored", lambda: self.verify_stored(order, reply))
        key = _timed(seconds, "archived", lambda: self.verify_archived(reply))
        if thorough:
            _timed(seconds, "duplicate", lambda: self.verify_duplicate(order, reply, timeout))
            _timed(seconds, "malformed", lambda: self.verify_malformed(timeout))
        return SmokeResult(order_id=order["order_id"], reply=reply, object_key=key, seconds=seconds)

    def send_order(self, order: Mapping[str, Any], attributes: Mapping[str, str] | None = None) -> None:
        """Put an order on the orders queue, with message attributes such as ``correlation``."""
        self._send(json.dumps(order), attributes or {})

    def send_duplicate(self, order: Mapping[str, Any]) -> None:
        """Put the same order on the queue once more, as a queue that delivers at least once would."""
        self.send_order(order)

    def send_malformed(self, body: str | None = None) -> str:
        """Put a message on the queue that can't be an order; return its body, unique when left out."""
        text = (
            body if body is not None else json.dumps(make_order(currency=None) | {"note": uuid.uuid4().hex})
        )
        self._send(text, {})
        return text

    def await_reply(self, order_id: str, timeout: float = 60) -> Reply:
        """Take the order's confirmation from the replies queue; others' stay there.

        Raises:
            SmokeError: none came within ``timeout`` seconds.
        """
        found = self._await(
            self._endpoints.replies_queue_url, lambda body: _order_id(body) == order_id, timeout
        )
        if found is None:
            raise SmokeError(
                f"no reply to order {order_id} within {timeout:.0f} s: read the logs of orders and pricing"
            )
        return Reply(json.loads(found.body), found.attributes)

    def await_dead_letter(self, body: str, timeout: float = 60) -> Mapping[str, str]:
        """Take a message from the dead-letter queue by its body and return its attributes.

        Raises:
            SmokeError: it did not arrive within ``timeout`` seconds.
        """
        found = self._await(
            self._endpoints.orders_dead_letter_queue_url, lambda other: other == body, timeout
        )
        if found is None:
            raise SmokeError(f"the malformed message is not in the dead-letter queue after {timeout:.0f} s")
        return found.attributes

    def verify_stored(self, order: Mapping[str, Any], reply: Reply) -> None:
        """Check that the database holds the order once, as it was sent and confirmed.

        Raises:
            SmokeError: the database can't be reached, or holds something else.
        """
        rows = self._query(
            "SELECT o.customer_id, o.currency, o.total_minor,"
            " o.archived_at IS NOT NULL, o.replied_at IS NOT NULL,"
            " (SELECT count(*) FROM order_lines l WHERE l.order_id = o.order_id)"
            " FROM orders o WHERE o.order_id = %s",
            order["order_id"],
        )
        total = int(reply.body["total_minor"])
        expected = (order["customer_id"], order["currency"], total, True, True, len(order["lines"]))
        if rows != [expected]:
            raise SmokeError(f"order {order['order_id']}: the database holds {rows}, not {[expected]}")

    def verify_archived(self, reply: Reply) -> str:
        """Check that the archive holds the confirmation, in one version; return the object's key.

        Raises:
            SmokeError: the object is missing or holds something else.
        """
        key, bucket = str(reply.body["archive_key"]), self._endpoints.archive_bucket
        s3 = self._clients.client("s3")
        content = _call("read the archived object", lambda: s3.get_object(Bucket=bucket, Key=key))
        if json.loads(content["Body"].read()) != reply.body:
            raise SmokeError(f"the object {key} in {bucket} differs from the reply")
        listed = _call(
            "list the object's versions", lambda: s3.list_object_versions(Bucket=bucket, Prefix=key)
        )
        versions = [version for version in listed.get("Versions", []) if version["Key"] == key]
        if len(versions) != 1:
            raise SmokeError(f"the object {key} in {bucket} has {len(versions)} versions, not 1")
        return key

    def verify_duplicate(self, order: Mapping[str, Any], reply: Reply, timeout: float = 60) -> None:
        """Send the order again; when the queue has been emptied, check that nothing has changed.

        Raises:
            SmokeError: there is a second reply, row or object, or the queue is not emptied.
        """
        self.send_duplicate(order)
        self._drained(timeout)
        if self._await(
            self._endpoints.replies_queue_url, lambda body: _order_id(body) == order["order_id"], 2
        ):
            raise SmokeError(f"order {order['order_id']} was answered twice")
        self.verify_stored(order, reply)
        self.verify_archived(reply)

    def verify_malformed(self, timeout: float = 60) -> Mapping[str, str]:
        """Send a malformed message and check that the dead-letter queue has it, with a reason; return it.

        Raises:
            SmokeError: it does not arrive there, or without ``reason`` or ``source``.
        """
        attributes = self.await_dead_letter(self.send_malformed(), timeout)
        missing = [name for name in ("reason", "source") if not attributes.get(name)]
        if missing:
            raise SmokeError(f"the dead letter carries no attribute {', '.join(missing)}")
        return attributes

    def _send(self, body: str, attributes: Mapping[str, str]) -> None:
        values = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        sqs, url = self._clients.client("sqs"), self._endpoints.orders_queue_url
        _call(
            "send to the orders queue",
            lambda: sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=values),
        )

    def _drained(self, timeout: float) -> None:
        """Wait until the orders queue holds nothing, neither waiting nor in flight."""
        sqs, url = self._clients.client("sqs"), self._endpoints.orders_queue_url
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        deadline = time.monotonic() + timeout
        while True:
            answer = _call(
                "look at the orders queue",
                lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names),
            )
            if all(int(answer["Attributes"][name]) == 0 for name in names):
                return
            if time.monotonic() > deadline:
                raise SmokeError(f"the orders queue is not empty after {timeout:.0f} s")
            time.sleep(_PAUSE_SECONDS)

    def _await(self, url: str, wanted: Callable[[str], bool], timeout: float) -> "_Found | None":
        """Take the first message whose body is wanted; give the others back at the end."""
        sqs = self._clients.client("sqs")
        deadline = time.monotonic() + timeout
        others: list[str] = []
        try:
            while (left := deadline - time.monotonic()) > 0:
                # Others stay hidden until the end: given back at once they would come again and again.
                answer = _call(
                    f"receive from {url}",
                    lambda left=left: sqs.receive_message(
                        QueueUrl=url,
                        MaxNumberOfMessages=10,
                        WaitTimeSeconds=min(_POLL_SECONDS, int(left)),
                        VisibilityTimeout=int(timeout) + 5,
                        MessageAttributeNames=["All"],
                    ),
                )
                messages = answer.get("Messages", [])
                for index, message in enumerate(messages):
                    if wanted(message["Body"]):
                        others.extend(other["ReceiptHandle"] for other in messages[index + 1 :])
                        handle = message["ReceiptHandle"]
                        _call(
                            "delete the message",
                            lambda handle=handle: sqs.delete_message(QueueUrl=url, ReceiptHandle=handle),
                        )
                        return _Found(message)
                    others.append(message["ReceiptHandle"])
                if not messages:
                    time.sleep(_PAUSE_SECONDS)
            return None
        finally:
            for handle in others:
                _call(
                    "give a message back",
                    lambda handle=handle: sqs.change_message_visibility(
                        QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0
                    ),
                )

    def _query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        client, arn = self._clients.client("secretsmanager"), self._endpoints.database_secret_arn
        text = _call(
            "read the database secret", lambda: client.get_secret_value(SecretId=arn)["SecretString"]
        )
        secret = json.loads(text)
        try:
            with psycopg.connect(
                host=secret["host"],
                port=secret["port"],
                dbname=secret["dbname"],
                user=secret["username"],
                password=secret["password"],
                sslmode=secret.get("sslmode", "require"),
                connect_timeout=_CONNECT_SECONDS,
                client_encoding="utf8",
            ) as connection:
                return connection.execute(statement, parameters).fetchall()  # pyright: ignore[reportArgumentType, reportCallIssue]
        except psycopg.Error as error:
            raise SmokeError(f"the database can't be queried: {_one_line(error)}") from error


class _Found:
    """A message that was waited for."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        self.body: str = message["Body"]
        self.attributes: dict[str, str] = {
            name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()
        }


def _timed(seconds: dict[str, float], name: str, step: Callable[[], _T]) -> _T:
    began = time.monotonic()
    result = step()
    seconds[name] = time.monotonic() - began
    return result


def _call(what: str, call: Callable[[], _T]) -> _T:
    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        raise SmokeError(f"can't {what}: {_one_line(error)}") from error


def _order_id(body: str) -> str | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document.get("order_id") if isinstance(document, dict) else None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
