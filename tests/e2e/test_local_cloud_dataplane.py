"""The data plane with real PostgreSQL and Redis servers, on loopback."""

from __future__ import annotations

import getpass
import os
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from localcloud.config import PostgresMode, RedisMode
from localcloud.dataplane import CacheSpec, DatabaseSpec, DataPlane, Endpoint, build_dataplane
from localcloud.dataplane.binaries import find_postgres, find_redis
from localcloud.dataplane.postgres import OwnDatabases
from localcloud.dataplane.postgres_server import STOP_SIGNAL, Server
from localcloud.errors import LocalCloudError
from localcloud.supervise import Supervisor, marked_processes

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

MAJOR = max(find_postgres(), default=15)
TOKEN = "canary-token-0123456789"
PASSWORD = "canary'password\\ 1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    data = tmp_path_factory.mktemp("plane")
    plane = _plane(data)
    yield data
    for part in (plane.databases, plane.caches):
        for identifier in part.list():
            part.delete(identifier)
    assert marked_processes(plane.place.instance) == []
    assert plane.leftovers() == []
    plane.place.remove()


@pytest.fixture
def plane(folder: Path) -> DataPlane:
    return _plane(folder)


def _plane(data: Path, postgres_url: str | None = None, redis_url: str | None = None) -> DataPlane:
    found = find_redis()
    assert found, "redis-server is not installed"
    postgres = PostgresMode(url=postgres_url) if postgres_url else PostgresMode(binaries=find_postgres())
    cache = RedisMode(url=redis_url) if redis_url else RedisMode(binary=found[0], version=found[1])
    return build_dataplane(data, "127.0.0.1", postgres, cache)


def _spec(**changes) -> DatabaseSpec:
    standard = {
        "identifier": f"d{uuid.uuid4().hex[:8]}",
        "major_version": MAJOR,
        "master_username": "orders",
        "password": PASSWORD,
        "db_name": "orders",
    }
    return DatabaseSpec(**{**standard, **changes})


def _connect(endpoint: Endpoint, **changes):
    standard = {"host": endpoint.address, "port": endpoint.port, "user": "orders", "dbname": "orders"}
    tls = {"sslmode": "verify-full", "sslrootcert": endpoint.ca_file} if endpoint.ca_file else {}
    return psycopg.connect(**{**standard, **tls, "password": PASSWORD, "autocommit": True, **changes})


def _cache(endpoint: Endpoint, token: str | None = TOKEN) -> redis.Redis:
    tls = {"ssl": True, "ssl_ca_certs": endpoint.ca_file} if endpoint.ca_file else {}
    return redis.Redis(endpoint.address, endpoint.port, password=token, retry=Retry(NoBackoff(), 0), **tls)


def test_a_database_as_rds_has_it(plane: DataPlane):
    plane.databases.check(MAJOR, {})  # the template, made once
    begun = time.monotonic()
    spec = _spec(parameters={"work_mem": "8192", "log_statement": "all"})
    endpoint = plane.databases.create(spec)
    assert time.monotonic() - begun < 5
    with _connect(endpoint) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("8MB",)
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, True, True)
        connection.execute("CREATE TABLE t (i int)")
    if MAJOR >= 15:
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            _connect(endpoint, sslmode="disable")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        _connect(endpoint, password="wrong")
    with pytest.raises(psycopg.OperationalError, match="reject"):
        _connect(endpoint, user="rdsadmin")
    assert plane.databases.exists(spec.identifier)
    assert spec.identifier in plane.databases.list()


def test_create_again_attaches_and_sets_the_password(plane: DataPlane):
    spec = _spec()
    with _connect(plane.databases.create(spec)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS i")
    again = plane.databases.create(_spec(identifier=spec.identifier, password="another"))
    with _connect(again, password="another") as connection:
        assert connection.execute("SELECT i FROM kept").fetchone() == (7,)
    with pytest.raises(LocalCloudError, match="master user orders, not other"):
        plane.databases.create(_spec(identifier=spec.identifier, master_username="other"))
    with pytest.raises(LocalCloudError, match=f"PostgreSQL {MAJOR + 1} is not installed"):
        plane.databases.create(_spec(major_version=MAJOR + 1))


def test_the_password_is_nowhere(plane: DataPlane, folder: Path):
    spec = _spec(parameters={"log_statement": "all", "log_min_duration_statement": "0"})
    plane.databases.create(spec)
    plane.databases.modify(spec.identifier, password="canary-second")
    plane.caches.create(CacheSpec(identifier=spec.identifier, engine_version="7.0", auth_token=TOKEN))
    found = subprocess.run(
        ["grep", "-rlE", "canary", str(folder), str(plane.place.root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""
    commands = b"".join(
        path.read_bytes()
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.parent.name != str(os.getpid())
    )
    assert b"canary-second" not in commands and TOKEN.encode() not in commands
    assert "canary" not in repr(spec)


def test_parameters_change_and_a_bad_one_changes_nothing(plane: DataPlane):
    spec = _spec()
    endpoint = plane.databases.create(spec)
    name = spec.identifier
    assert plane.databases.modify(name, parameters={"work_mem": "1024"}) == ()
    assert (
        plane.databases.modify(name, parameters={"max_connections": "33"}, restart=False)
        == (
            "max_connections",
            "work_mem",
        )[:1]
    )
    plane.databases.restart(name)
    with _connect(endpoint) as connection:
        assert connection.execute("SHOW max_connections").fetchone() == ("33",)
    for bad, message in (
        ({"nope": "1"}, "nope"),
        ({"work_mem": "64MB"}, "plain number"),
        ({"shared_preload_libraries": "no_such_library"}, "no_such_library"),
    ):
        with pytest.raises(LocalCloudError, match=message) as raised:
            plane.databases.modify(name, parameters=bad)
        assert "\n" not in str(raised.value)
    state = plane.databases.describe(name)
    assert state and state.running and dict(state.parameters) == {"max_connections": "33"}
    with pytest.raises(LocalCloudError, match="can't become"):
        plane.databases.modify(name, major_version=MAJOR + 1)


def test_plain_connections_where_the_group_allows_them(plane: DataPlane):
    endpoint = plane.databases.create(_spec(parameters={"rds.force_ssl": "0"}))
    with _connect(endpoint, sslmode="disable") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_server_and_a_half_copy_are_mended(plane: DataPlane, folder: Path):
    spec = _spec()
    endpoint = plane.databases.create(spec)
    with _connect(endpoint) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS i")
    servers = Supervisor(folder, plane.place.instance)
    servers.stop(f"postgres-{spec.identifier}", signal_number=9)
    plane.bring_up()
    with _connect(endpoint) as connection:
        assert connection.execute("SELECT i FROM kept").fetchone() == (7,)

    half = _spec()
    server = Server(plane.place, servers, half.identifier)
    (server.folder / "data.new").mkdir(parents=True)
    assert not plane.databases.exists(half.identifier)
    assert half.identifier in plane.databases.list()
    with _connect(plane.databases.create(half)):
        pass


def test_several_at_once(plane: DataPlane):
    specs = [_spec() for _ in range(4)]
    same = _spec()
    with ThreadPoolExecutor(6) as pool:
        endpoints = list(pool.map(plane.databases.create, [*specs, same, same]))
    assert len({endpoint.port for endpoint in endpoints}) == 5
    for spec in [*specs, same]:
        assert plane.databases.delete(spec.identifier)
        assert not plane.databases.delete(spec.identifier)


@pytest.mark.parametrize("tls", [True, False])
def test_a_cache_as_elasticache_has_it(plane: DataPlane, tls: bool):
    name = f"c{uuid.uuid4().hex[:8]}"
    spec = CacheSpec(
        identifier=name,
        engine_version="7.1",
        auth_token=TOKEN,
        tls=tls,
        parameters={"maxmemory-policy": "allkeys-lru"},
        memory_mib=64,
    )
    endpoint = plane.caches.create(spec)
    assert plane.caches.create(spec) == endpoint
    client = _cache(endpoint)
    client.set("a", "b")
    information = client.info("memory")
    assert information["maxmemory_policy"] == "allkeys-lru" and information["maxmemory"] == 48 * 2**20
    with pytest.raises(exceptions.NoPermissionError):
        client.config_get("*")
    with pytest.raises(exceptions.AuthenticationError):
        _cache(endpoint, "wrong-wrong-wrong-wrong").ping()
    plane.caches.modify(name, auth_token="second-token-0123456789", strategy="ROTATE")
    assert _cache(endpoint).get("a") == _cache(endpoint, "second-token-0123456789").get("a") == b"b"
    plane.caches.modify(name, auth_token="second-token-0123456789", strategy="SET")
    with pytest.raises(exceptions.AuthenticationError):
        _cache(endpoint).ping()
    plane.caches.restart(name)
    assert _cache(endpoint, "second-token-0123456789").get("a") == b"b"
    for bad in ({"nope": "1"}, {"maxmemory-policy": "none-such"}, {"cluster-enabled": "yes"}):
        with pytest.raises(LocalCloudError, match=next(iter(bad))):
            plane.caches.modify(name, parameters=bad)
    state = plane.caches.describe(name)
    assert state and state.running and state.tls is tls and state.auth
    assert plane.caches.delete(name)
    assert not plane.caches.delete(name)


def test_a_bad_cache_parameter_at_creation_is_named(plane: DataPlane):
    for bad in ({"nope": "1"}, {"maxmemory-policy": "none-such"}):
        with pytest.raises(LocalCloudError, match=next(iter(bad))):
            plane.caches.create(CacheSpec(identifier="bad-one", engine_version="7.0", parameters=bad))
    plane.caches.delete("bad-one")
    with pytest.raises(LocalCloudError, match=r"Redis 6\.2 is not installed"):
        plane.caches.create(CacheSpec(identifier="bad-one", engine_version="6.2"))


def test_a_postgresql_of_the_users_own(plane: DataPlane, folder: Path, tmp_path: Path):
    theirs = _spec()
    endpoint = plane.databases.create(theirs)
    server = Server(plane.place, Supervisor(folder, plane.place.instance), theirs.identifier)
    with server.admin(endpoint.port) as admin:
        admin.execute("CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'canary-boss'")
    url = f"postgresql://boss:canary-boss@127.0.0.1:{endpoint.port}/postgres?sslmode=require"
    ours = _plane(tmp_path, postgres_url=url).databases
    assert ours.majors() == (MAJOR,)
    spec = _spec(master_username="app", db_name="app", parameters={"work_mem": "2048"})
    made = ours.create(spec)
    assert ours.create(spec) == made
    with _connect(made, user="app", dbname="app", sslmode="require") as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("2MB",)
    state = ours.describe(spec.identifier)
    assert state and state.db_name == "app" and dict(state.parameters) == {"work_mem": "2048"}
    for changes, message in (
        ({"master_username": "orders"}, "role 'orders' already"),
        ({"master_username": "app2", "db_name": "orders"}, "database 'orders' already"),
        ({"master_username": "app3", "parameters": {"max_connections": "5"}}, "max_connections"),
    ):
        with pytest.raises(LocalCloudError, match=message) as raised:
            ours.create(_spec(**changes))
        assert "canary" not in str(raised.value)
    ours.modify(spec.identifier, password="new", parameters={})
    with _connect(made, user="app", dbname="app", password="new", sslmode="require"):
        pass
    for identifier in ours.list():
        assert ours.delete(identifier)
    with server.admin(endpoint.port) as admin:
        left = admin.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'app%'").fetchall()
        assert left == []
        assert admin.execute("SELECT count(*) FROM pg_database WHERE datname = 'orders'").fetchone() == (1,)
    broken = _plane(tmp_path, postgres_url=url.replace("canary-boss", "canary-wrong")).databases
    with pytest.raises(LocalCloudError, match="--postgres") as raised:
        broken.majors()
    assert "canary" not in str(raised.value) and "\n" not in str(raised.value)


def test_a_redis_of_the_users_own(tmp_path: Path, free_port: int):
    servers = Supervisor(tmp_path / "theirs", f"theirs-{uuid.uuid4().hex}")
    configuration = tmp_path / "redis.conf"
    configuration.write_text(f'port {free_port}\nbind 127.0.0.1\nrequirepass canary-boss\nsave ""\n')
    servers.data.mkdir()
    servers.start("redis", ["redis-server", str(configuration)])
    try:
        boss = redis.Redis("127.0.0.1", free_port, password="canary-boss")
        servers.wait_ready("redis", lambda: _pings(boss), timeout=10)
        url = f"redis://:canary-boss@127.0.0.1:{free_port}/0"
        ours = _plane(tmp_path / "ours", redis_url=url).caches
        endpoint = ours.create(CacheSpec(identifier="a", engine_version="7.0", auth_token=TOKEN))
        _cache(endpoint).set("a", "b")
        ours.create(CacheSpec(identifier="b", engine_version="7.0", auth_token=TOKEN))
        assert ours.list() == ["a", "b"]
        assert ours.delete("b")
        assert _cache(endpoint).get("a") == b"b"  # both had the same token
        with pytest.raises(LocalCloudError, match="maxmemory-policy"):
            ours.modify("a", parameters={"maxmemory-policy": "allkeys-lru"})
        with pytest.raises(LocalCloudError, match="rediss"):
            ours.create(CacheSpec(identifier="c", engine_version="7.0", auth_token=TOKEN, tls=True))
        assert ours.delete("a") and not ours.delete("a")
        with pytest.raises(exceptions.AuthenticationError):
            _cache(endpoint).ping()
        assert boss.ping()
        boss.execute_command("ACL", "SETUSER", "default", "nopass")
        with pytest.raises(LocalCloudError, match="lock its other clients out"):
            ours.create(CacheSpec(identifier="a", engine_version="7.0", auth_token=TOKEN))
    finally:
        servers.stop("redis")


def _pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError as error:
        raise OSError from error


@pytest.fixture
def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_own_databases_run_as_an_unprivileged_user(plane: DataPlane):
    assert isinstance(plane.databases, OwnDatabases)
    spec = _spec()
    plane.databases.create(spec)
    pids = [pid for pid, command in marked_processes(plane.place.instance) if spec.identifier in command]
    assert pids
    if getpass.getuser() == "root":
        assert all(Path(f"/proc/{pid}").stat().st_uid != 0 for pid in pids)
    Supervisor(plane.place.data, plane.place.instance).stop(
        f"postgres-{spec.identifier}", signal_number=STOP_SIGNAL
    )
