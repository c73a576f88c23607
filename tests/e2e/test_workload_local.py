"""The services as processes against moto, a real PostgreSQL and a real Redis; no Kubernetes."""

import json
import os
import shutil
import signal
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis
from workload_local import REGION, Workload, http_status, wait_until, workload

from understudy.images import build_images
from understudy.smoke import Smoke, SmokeError, make_order

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server on PATH"),
]

REPO = Path(__file__).parents[2]
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module", autouse=True)
def _credentials():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield


@pytest.fixture(scope="module")
def running(_credentials):
    images = build_images(REPO)
    # Not pytest's own folder, which is closed to other users.
    with tempfile.TemporaryDirectory(prefix="understudy-workload-") as folder:
        Path(folder).chmod(0o755)
        with workload(Path(folder), images) as started:
            yield started


@pytest.fixture
def smoke(running: Workload) -> Smoke:
    for name in ("pricing", "orders", "redis"):
        process = running.processes[name]
        if process.child is None or process.child.poll() is not None:
            process.start()
    running.await_ready()
    return Smoke.of(running.outputs, REGION, running.endpoint)


def _connection(running: Workload, **changes):
    secret = json.loads(
        running.client("secretsmanager").get_secret_value(SecretId=running.secrets["database"])[
            "SecretString"
        ]
    )
    settings = {
        "host": secret["host"],
        "port": secret["port"],
        "dbname": secret["dbname"],
        "user": secret["username"],
        "password": secret["password"],
        "autocommit": True,
    }
    return psycopg.connect(**(settings | changes))


def test_an_order_comes_through_and_neither_duplicate_nor_malformed_harms(smoke):
    result = smoke.run(timeout=30, thorough=True)
    assert result.reply.body["currency"] == "EUR"
    assert int(result.reply.body["total_minor"]) == 2 * 1150 + 3 * 245
    assert result.reply.attributes["correlation"] == result.order_id
    assert result.object_key.endswith(f"/{result.order_id}.json")
    assert set(result.seconds) == {"reply", "stored", "archived", "duplicate", "malformed"}


def test_correlation_and_trace_go_through_both_services(smoke, running):
    order = make_order()
    smoke.send_order(order, {"correlation": "basket-7", "traceparent": PARENT})
    reply = smoke.await_reply(order["order_id"], 30)
    assert (reply.attributes["correlation"], reply.attributes["traceparent"]) == ("basket-7", PARENT)
    for name in ("orders", "pricing"):
        lines = running.processes[name].lines_with("correlation_id", "basket-7")
        assert lines, name
        for line in lines:
            assert line["trace_id"] == PARENT.split("-")[1]
            assert (line["service"], line["environment"], line["release"]) == (name, "local-test", "r1")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not json " + uuid.uuid4().hex, "not an OrderPlaced"),
        (json.dumps(make_order(currency="XXX")), "unknown currency"),
        (json.dumps(make_order(lines=[{"sku": "NOPE", "quantity": 1}])), "unknown sku"),
        (json.dumps(make_order(lines=[{"sku": "MUG-BLUE", "quantity": 0}])), "quantity is 0"),
        (json.dumps(make_order()) + " " * 70_000, "more than 65536"),
    ],
)
def test_each_malformed_message_gets_its_reason(smoke, running, body, reason):
    attributes = smoke.await_dead_letter(smoke.send_malformed(body), 30)
    assert reason in attributes["reason"]
    assert attributes["source"] == running.outputs["orders_queue_url"]


def test_replies_of_others_stay_on_the_queue(smoke):
    first, second = make_order(), make_order()
    smoke.send_order(first)
    smoke.send_order(second)
    assert smoke.await_reply(second["order_id"], 30).body["order_id"] == second["order_id"]
    assert smoke.await_reply(first["order_id"], 30).body["order_id"] == first["order_id"]


def test_a_missing_reply_is_one_line(smoke):
    with pytest.raises(SmokeError, match="no reply to order nobody within 1 s") as caught:
        smoke.await_reply("nobody", 1)
    assert "\n" not in str(caught.value)


def test_twenty_copies_at_once_are_one_order(smoke):
    order = make_order()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: smoke.send_duplicate(order), range(20)))
    reply = smoke.await_reply(order["order_id"], 30)
    smoke.verify_duplicate(order, reply, 60)


def test_without_redis_orders_come_through_and_pricing_stays_ready(smoke, running):
    running.processes["redis"].stop(signal.SIGKILL)
    smoke.run(timeout=30)
    assert http_status(running.ports["pricing-http"], "/readyz") == 200
    running.processes["redis"].start()


def test_an_order_waits_for_pricing_to_come_back(smoke, running):
    assert running.processes["pricing"].stop() == 0
    order = make_order()
    smoke.send_order(order)
    time.sleep(3)
    running.processes["pricing"].start()
    reply = smoke.await_reply(order["order_id"], 60)
    smoke.verify_stored(order, reply)


def test_killed_in_the_middle_of_many_orders_all_come_through_once(smoke, running):
    orders = [make_order() for _ in range(30)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(smoke.send_order, orders))
    running.processes["orders"].stop(signal.SIGKILL)
    running.processes["orders"].start()
    replies = [smoke.await_reply(order["order_id"], 120) for order in orders]
    for order, reply in zip(orders, replies, strict=True):
        smoke.verify_stored(order, reply)
        smoke.verify_archived(reply)


def test_a_term_ends_orders_in_an_orderly_way(smoke, running):
    order = make_order()
    smoke.send_order(order)
    began = time.monotonic()
    assert running.processes["orders"].stop() == 0
    assert time.monotonic() - began < 10
    running.processes["orders"].start()
    smoke.verify_stored(order, smoke.await_reply(order["order_id"], 90))


def test_a_rotated_password_is_read_again(smoke, running):
    secrets = running.client("secretsmanager")
    with _connection(running) as connection:
        connection.execute("ALTER ROLE app PASSWORD 'db word/2'")
        stored = json.loads(secrets.get_secret_value(SecretId=running.secrets["database"])["SecretString"])
        secrets.put_secret_value(
            SecretId=running.secrets["database"], SecretString=json.dumps(stored | {"password": "db word/2"})
        )
        # New connections must log in anew.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    smoke.run(timeout=60)


def test_a_rotated_cache_password_is_read_again(smoke, running):
    client = redis.Redis(port=running.ports["redis"], password="cache-word-1")
    secrets = running.client("secretsmanager")
    stored = json.loads(secrets.get_secret_value(SecretId=running.secrets["cache"])["SecretString"])
    secrets.put_secret_value(
        SecretId=running.secrets["cache"], SecretString=json.dumps(stored | {"password": "cache-word-2"})
    )
    client.config_set("requirepass", "cache-word-2")
    client.client_kill_filter(_type="normal", skipme=True)
    changed = redis.Redis(port=running.ports["redis"], password="cache-word-2")
    changed.flushall()

    def cached() -> bool:
        smoke.run(timeout=30)
        return changed.dbsize() > 0

    wait_until(cached, "a quote in the cache", 40)
    client.close()
    changed.close()


def test_no_password_is_in_a_log_and_memory_is_small(smoke, running):
    for name in ("orders", "pricing"):
        process = running.processes[name]
        text = process.log.read_text()
        assert "word/" not in text
        assert "word-" not in text
        assert process.resident_mib() < 64
        environment = Path(f"/proc/{process.child.pid}/environ").read_bytes() if os.name == "posix" else b""
        assert b"AWS_ACCESS_KEY_ID" not in environment
