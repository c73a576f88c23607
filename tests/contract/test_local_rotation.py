"""A rotation on the local cloud: the function's real code, a real PostgreSQL, all four steps."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest
from botocore.exceptions import ClientError
from cases.aws_lambda import FUNCTION
from lifecycle import World
from rotation_support import Rotated, rotated_database

from localcloud.dataplane import open_dataplane

pytestmark = [pytest.mark.enable_socket, pytest.mark.timeout(300)]


@pytest.fixture
def world(world_of: Callable[[str], World]) -> World:
    return world_of("aws")


@pytest.fixture(scope="module")
def database(world_of: Callable[[str], World]) -> Iterator[Rotated]:
    """One for all tests of this file: each leaves it with a working current version and none pending."""
    with rotated_database(world_of("aws")) as made:
        yield made


def test_first_rotation_makes_the_application_s_roles(world: World) -> None:
    with rotated_database(world) as database:
        _first_rotation(database)


def _first_rotation(database: Rotated) -> None:
    current = database.current()
    assert current["username"] == "orders_app_clone"
    assert current["note"] == "kept"
    with database.connect() as connection:
        row = connection.execute("SELECT session_user, current_user").fetchone()
        assert row == ("orders_app_clone", "orders_app_owner")
        connection.execute("CREATE TABLE mine (id int)")
        (powers,) = connection.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = session_user"
        ).fetchone() or (None,)
        assert powers is False
    with pytest.raises(psycopg.OperationalError):
        database.connect(database.current("AWSPREVIOUS"))  # what the state knows never opened anything


def test_both_users_work_on_the_same_tables(database: Rotated) -> None:
    first = database.current()["username"]
    with database.connect() as connection:
        connection.execute("CREATE TABLE shared (id int)")
    database.rotate()
    assert {first, database.current()["username"]} == {"orders_app", "orders_app_clone"}
    with database.connect() as connection:
        connection.execute("ALTER TABLE shared ADD COLUMN name text")
        connection.execute("INSERT INTO shared VALUES (1, 'x')")
    database.rotate()
    assert database.current()["username"] == first
    with database.connect() as connection:
        connection.execute("DROP TABLE shared")


def test_tables_of_the_master_user_are_handed_over(world: World) -> None:
    with rotated_database(world, start=False) as database:
        with database.master() as connection:
            connection.execute(
                "CREATE TABLE old (id serial PRIMARY KEY); CREATE VIEW seen AS SELECT * FROM old"
            )
        database.secrets.rotate_secret(
            SecretId=database.secret,
            RotationLambdaARN=database.function,
            RotationRules={"AutomaticallyAfterDays": 1},
        )
        with database.connect() as connection:
            connection.execute("INSERT INTO old DEFAULT VALUES; ALTER TABLE old ADD COLUMN more int")
            connection.execute("DROP VIEW seen")
        with database.master() as connection:
            connection.execute("SELECT * FROM old")


def test_application_can_not_borrow_the_master_user_s_rights(database: Rotated) -> None:
    with database.connect() as connection:
        connection.execute("""
            CREATE FUNCTION public.never(name, text) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'ran as %', session_user; END $$;
            CREATE OPERATOR public.!~ (LEFTARG = name, RIGHTARG = text, PROCEDURE = public.never);
            CREATE OPERATOR public.<> (LEFTARG = name, RIGHTARG = text, PROCEDURE = public.never)
        """)
    database.rotate()
    with database.connect() as connection:
        connection.execute("DROP FUNCTION public.never CASCADE")


def test_rotation_under_load(database: Rotated) -> None:
    """A client that reads the secret when it connects is never refused; old passwords are, in the end."""
    seen = [database.current()]
    failures: list[str] = []
    queries = 0
    stop = threading.Event()

    def client() -> None:
        nonlocal queries
        while not stop.is_set():
            try:
                with database.connect() as connection:
                    for _ in range(5):
                        connection.execute("SELECT count(*) FROM load")
                        queries += 1
            except Exception as error:
                failures.append(f"{type(error).__name__}: {error}")

    with database.connect() as held:
        held.execute("CREATE TABLE load (id int)")
        clients = [threading.Thread(target=client) for _ in range(2)]
        for each in clients:
            each.start()
        for _ in range(3):
            before = queries
            database.rotate()
            seen.append(database.current())
            held.execute("INSERT INTO load VALUES (1)")  # a connection from before the rotations goes on
            while queries < before + 20 and not failures:
                time.sleep(0.01)
        stop.set()
        for each in clients:
            each.join()
    assert failures == []
    assert queries >= 60
    # Users take turns: the version before the current one still works, by design; the two before it do not.
    for credentials in seen[-2:]:
        database.connect(credentials).close()
    for credentials in seen[:-2]:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            database.connect(credentials)
    assert len({each["password"] for each in seen}) == 4


def test_every_step_may_come_again_and_again(database: Rotated) -> None:
    from rotation.steps import Rotation
    from rotation.vault import Vault

    old, token = database.current(), str(uuid4())
    rotation, client = Rotation(Vault(database.secrets), database.admin), database.secrets
    _begin(database, token)
    pending = None
    for count, step in enumerate(("createSecret", "setSecret", "testSecret", "finishSecret"), 1):
        for done in ("createSecret", "setSecret", "testSecret", "finishSecret")[:count]:
            rotation.run(done, database.secret, token)
            rotation.run(done, database.secret, token)
        if step != "finishSecret":
            assert database.current() == old
            found = client.get_secret_value(SecretId=database.secret, VersionId=token)["SecretString"]
            assert pending in (None, found)
            pending = found
    assert database.current() == json.loads(pending or "")
    database.connect().close()
    database.connect(old).close()
    rotation.run("createSecret", database.secret, token)
    assert database.current() == json.loads(pending or "")


def test_forged_version_sets_no_password(database: Rotated) -> None:
    from rotation.errors import RotationError
    from rotation.steps import Rotation
    from rotation.vault import Vault

    token = str(uuid4())
    _begin(database, token)
    forged = {**database.current(), "username": "orders", "password": "canary-forged"}
    database.secrets.put_secret_value(
        SecretId=database.secret,
        ClientRequestToken=token,
        SecretString=json.dumps(forged),
        VersionStages=["AWSPENDING"],
    )
    for step in ("setSecret", "testSecret", "finishSecret"):
        with pytest.raises(RotationError, match="does not follow") as refused:
            Rotation(Vault(database.secrets), database.admin).run(step, database.secret, token)
        assert "canary" not in str(refused.value)
    database.master().close()
    _drop_pending(database, token)
    database.rotate()


def test_failing_step_leaves_the_current_version_and_is_taken_up_again(database: Rotated) -> None:
    before = database.current()
    good = json.loads(database.secrets.get_secret_value(SecretId=database.admin)["SecretString"])
    bad = json.dumps({**good, "password": "canary-wrong"})
    database.secrets.put_secret_value(SecretId=database.admin, SecretString=bad)
    with pytest.raises(
        ClientError, match=r"stopped at setSecret, the current version stays: .*28P01"
    ) as failed:
        database.rotate()
    assert "canary" not in str(failed.value)
    assert database.current() == before
    database.connect().close()
    database.secrets.put_secret_value(SecretId=database.admin, SecretString=json.dumps(good))
    database.rotate()
    assert database.current()["username"] != before["username"]
    database.connect().close()


def test_database_that_is_down_is_reported_in_words(database: Rotated) -> None:
    before = database.current()
    elsewhere = {**before, "port": 1}
    database.secrets.put_secret_value(SecretId=database.secret, SecretString=json.dumps(elsewhere))
    with pytest.raises(ClientError, match="PostgreSQL can't be reached"):
        database.rotate()
    assert database.current() == elsewhere
    _drop_pending(database)
    database.secrets.put_secret_value(SecretId=database.secret, SecretString=json.dumps(before))
    database.rotate()
    database.connect().close()


def test_function_that_may_not_be_called_is_refused(database: Rotated) -> None:
    database.world.client("lambda").remove_permission(FunctionName=database.function, StatementId="rotate")
    with pytest.raises(ClientError, match=r"AccessDenied.*grants access"):
        database.rotate()
    database.world.client("lambda").add_permission(
        FunctionName=database.function,
        StatementId="rotate",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceArn=f"{database.secret}-of-another",
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        database.rotate()
    database.world.client("lambda").remove_permission(FunctionName=database.function, StatementId="rotate")
    database.world.client("lambda").add_permission(
        FunctionName=database.function,
        StatementId="rotate",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceArn=database.secret,
    )
    database.rotate()


def test_logs_and_server_never_see_a_password(database: Rotated) -> None:
    passwords = [database.current()["password"]]
    database.rotate()
    passwords.append(database.current()["password"])
    name = database.function.rpartition(":")[2]
    events = database.world.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    text = "\n".join(event["message"] for event in events)
    assert "finishSecret done" in text
    plane = open_dataplane()
    text += "\n".join(path.read_text() for path in (plane.place.data / "logs").glob("postgres-*.log"))
    assert "orders" in text
    for password in [*passwords, "canary-password"]:
        assert password not in text


def test_time_limit_ends_a_function(world: World) -> None:
    from cases.aws_lambda import function

    program = function(world, "import time\n\ndef handle(event, context):\n    time.sleep(60)\n", timeout=1)
    name, _ = world.engine.create(FUNCTION, world.engine.checked(FUNCTION, program))
    begun = time.monotonic()
    answer = world.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert time.monotonic() - begun < 20
    assert answer["FunctionError"] == "Unhandled"
    assert "timed out after 1 seconds" in json.loads(answer["Payload"].read())["errorMessage"]


def test_function_gets_event_environment_and_context(world: World) -> None:
    from cases.aws_lambda import function

    text = """
import os

def handle(event, context):
    return [event["a"], os.environ["MINE"], os.environ["AWS_REGION"], context.function_name,
            0 < context.get_remaining_time_in_millis() <= 30000, "HOME" in os.environ,
            "VIRTUAL_ENV" in os.environ]
"""
    program = function(world, text, timeout=30, environment={"variables": {"MINE": "x"}})
    name, _ = world.engine.create(FUNCTION, world.engine.checked(FUNCTION, program))
    answer = world.client("lambda").invoke(FunctionName=name, Payload=b'{"a": 1}')
    assert "FunctionError" not in answer
    assert json.loads(answer["Payload"].read()) == [1, "x", world.region, name, True, True, False]


def _begin(database: Rotated, token: str) -> None:
    """Begin a rotation as Secrets Manager does, without the steps: a version with a label and no value."""
    failing = database.world.client("lambda")
    failing.update_function_configuration(FunctionName=database.function, Handler="rotation.handler.none")
    with pytest.raises(ClientError, match="createSecret"):
        database.secrets.rotate_secret(SecretId=database.secret, ClientRequestToken=token)
    failing.update_function_configuration(FunctionName=database.function, Handler="rotation.handler.handle")


def _drop_pending(database: Rotated, version: str | None = None) -> None:
    """Give up a rotation that can't be finished, as an operator does."""
    stages = database.secrets.describe_secret(SecretId=database.secret)["VersionIdsToStages"]
    pending = version or next(
        each for each, held in stages.items() if "AWSPENDING" in held and "AWSCURRENT" not in held
    )
    database.secrets.update_secret_version_stage(
        SecretId=database.secret, VersionStage="AWSPENDING", RemoveFromVersionId=pending
    )
