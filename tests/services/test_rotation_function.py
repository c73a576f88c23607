"""The rotation function's own rules, and that its archive is whole, the same every time, and pure Python."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from localcloud.archives import zip_of
from localcloud.values import Archive, Asset

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "stacks"), str(ROOT / "services" / "rotation")]

from pg8000.exceptions import DatabaseError, InterfaceError  # noqa: E402
from rotation.credentials import Credentials, alternate, base_of, owner_of  # noqa: E402
from rotation.errors import RotationError  # noqa: E402
from rotation.handler import explain  # noqa: E402
from rotation.postgres import verifier  # noqa: E402
from rotation.steps import Rotation  # noqa: E402
from rotation_code import rotation_code  # noqa: E402

names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


def document(**changes: Any) -> dict[str, Any]:
    plain = {"host": "db", "port": 5432, "dbname": "orders", "username": "app", "password": "canary"}
    return {**plain, **changes}


@given(names)
def test_users_take_turns_and_share_one_owner(name: str) -> None:
    assert alternate(name) != name
    assert alternate(alternate(name)) == name
    assert owner_of(name) == owner_of(alternate(name))
    assert base_of(name) == base_of(alternate(name))


@given(names, st.dictionaries(names, st.text()))
def test_the_next_version_keeps_what_else_the_secret_says(user: str, more: dict[str, str]) -> None:
    known = {"host", "port", "dbname", "username", "password", "engine", "sslmode", "ca"}
    more = {key: value for key, value in more.items() if key not in known}
    current = Credentials.parse(json.dumps(document(username=user, **more)), "it")
    following = json.loads(current.next().text())
    assert {key: following[key] for key in more} == more
    assert following["username"] == alternate(user)
    assert len(following["password"]) == 40
    assert following["password"].isalnum()
    assert following["password"] != json.loads(current.next().text())["password"]


@given(
    st.text()
    | st.dictionaries(st.sampled_from(sorted(document())), st.text() | st.integers() | st.none()).map(
        json.dumps
    )
)
def test_a_bad_secret_is_refused_without_being_quoted(text: str) -> None:
    try:
        Credentials.parse(text, "the secret")
    except RotationError as error:
        assert "canary" not in str(error)
        assert str(error).startswith("the secret ")


@pytest.mark.parametrize(
    "bad",
    [
        "canary",
        "[]",
        json.dumps(document(password="")),
        json.dumps(document(port="canary")),
        json.dumps(document(port=65536)),
        json.dumps(document(engine="mysql")),
        json.dumps(document(host=None)),
    ],
)
def test_every_kind_of_bad_secret_is_refused(bad: str) -> None:
    with pytest.raises(RotationError) as refused:
        Credentials.parse(bad, "the secret")
    assert "canary" not in str(refused.value)


def test_credentials_never_show_the_password() -> None:
    assert "canary" not in repr(Credentials.parse(json.dumps(document(ca="canary")), "it"))


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "canary"}}, "GetSecretValue"),
        DatabaseError({"C": "28P01", "M": "canary"}),
        DatabaseError("canary"),
        InterfaceError("canary"),
        OSError("canary"),
        EndpointConnectionError(endpoint_url="http://canary"),
        KeyError("canary"),
        ValueError("canary"),
    ],
)
def test_what_others_wrote_into_an_error_is_not_shown(error: Exception) -> None:
    said = explain(error)
    assert "canary" not in said
    assert "\n" not in said


@given(
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1), st.binary(min_size=1)
)
def test_a_verifier_is_what_postgresql_would_make(password: str, salt: bytes) -> None:
    """Checked as the server does: a client that knows the password can prove it against the verifier."""
    kind, rounds_salt, keys = verifier(password, salt).split("$")
    rounds, _, encoded = rounds_salt.partition(":")
    stored, _, server = keys.partition(":")
    assert kind == "SCRAM-SHA-256"
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(encoded), int(rounds))
    client = hmac.digest(salted, b"Client Key", "sha256")
    assert hashlib.sha256(client).digest() == base64.b64decode(stored)
    assert hmac.digest(salted, b"Server Key", "sha256") == base64.b64decode(server)
    assert password not in (encoded, stored, server)


def test_a_step_that_is_none_is_refused() -> None:
    with pytest.raises(RotationError, match="createSecret, setSecret, testSecret, finishSecret"):
        Rotation(None, "admin").run("dropSecret", "secret", "token")  # pyright: ignore[reportArgumentType]


def archive() -> bytes:
    assets = rotation_code().assets
    return zip_of(Archive(assets=tuple((name, Asset(path=each.path)) for name, each in assets.items())))  # pyright: ignore[reportAttributeAccessIssue]


def test_the_archive_is_the_same_every_time_and_has_no_compiled_code() -> None:
    first = archive()
    assert first == archive()
    with zipfile.ZipFile(BytesIO(first)) as inside:
        names = inside.namelist()
        assert {entry.date_time[0] for entry in inside.infolist()} == {1980}
    assert "rotation/handler.py" in names
    assert not [name for name in names if not name.endswith((".py", "METADATA"))]


def test_the_archive_holds_everything_but_boto3(tmp_path: Path) -> None:
    with zipfile.ZipFile(BytesIO(archive())) as inside:
        inside.extractall(tmp_path)
    # Neither site-packages nor boto3: what stands in for it here is part of Lambda's own runtime.
    program = """
import sys, types
sys.path.insert(0, sys.argv[1])
for name in ("boto3", "botocore", "botocore.config", "botocore.exceptions"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["botocore.config"].Config = object
for name in ("BotoCoreError", "ClientError"):
    setattr(sys.modules["botocore.exceptions"], name, type(name, (Exception,), {}))
import rotation.handler
for name in ("pg8000", "scramp", "asn1crypto", "dateutil", "six"):
    assert sys.modules[name].__file__.startswith(sys.argv[1]), name
assert callable(rotation.handler.handle)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
