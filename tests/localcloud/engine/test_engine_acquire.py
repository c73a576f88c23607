"""Where an engine comes from: PATH, the cache, the official release, the source."""

import errno
import hashlib
import http.server
import io
import os
import socket
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud import gobuild
from localcloud.engine import acquire, release
from localcloud.engine.acquire import ensure_engine, place_engine
from localcloud.engine.host.wrapper import WRAPPER_NAME, wrapper_script
from localcloud.engine.release import ReleaseError, ReleaseSource, install_release, installed_release
from localcloud.engine.versions import PINNED

_NOWHERE = ReleaseSource(archive="http://127.0.0.1:9/a-{version}", checksums="http://127.0.0.1:9/c-{version}")


def _executable(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


def _archive(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content.encode()))
    return buffer.getvalue()


_RELEASE = _archive(
    {
        "pulumi/pulumi": f"#!/bin/sh\necho v{PINNED}\n",
        "pulumi/pulumi-language-python": "#!/bin/sh\n",
    }
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "nothing"), "UNDERSTUDY_CACHE_DIR": str(tmp_path / "cache")}


@pytest.fixture
def builds(monkeypatch) -> list[str]:
    """Builds are recorded, not made: that is gobuild's own test."""
    made: list[str] = []

    def build(name, version, module_dir, targets, *, dest, **_rest):
        made.append(f"{name} {version}")
        return {"pulumi": _executable(dest / "pulumi", f"v{version}")}

    monkeypatch.setattr(gobuild, "build", build)
    return made


@pytest.fixture
def publisher() -> Iterator[tuple[dict[str, bytes], ReleaseSource]]:
    """A web server with what is put into its dictionary."""
    files: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    yield (
        files,
        ReleaseSource(archive=base + "/{platform}-v{version}.tar.gz", checksums=base + "/{version}.txt"),
    )
    server.shutdown()
    server.server_close()


def _publish(files: dict[str, bytes], archive: bytes, digest: str | None = None) -> None:
    name = f"{release.release_platform()}-v{PINNED}.tar.gz"
    files[f"/{name}"] = archive
    digest = digest or hashlib.sha256(archive).hexdigest()
    files[f"/{PINNED}.txt"] = f"{'0' * 64}  another.tar.gz\n{digest}  {name}\n".encode()


def test_a_new_enough_engine_on_path_is_used(env, tmp_path, builds):
    found = _executable(tmp_path / "bin" / "pulumi", "v3.400.1")
    engine = ensure_engine(env={**env, "PATH": str(found.parent) + ":/usr/bin:/bin"}, releases=_NOWHERE)
    assert (engine.path, engine.version, engine.source) == (found, "3.400.1", "path")
    assert engine.bin_dir == found.parent
    assert not builds
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("v3.100.0", "it is 3.100.0, and 3.259.0 or newer"),
        ("", "does not say its version"),
        ("v4.0.0", "it is 4.0.0"),
    ],
)
def test_another_engine_on_path_is_not_used_and_said(env, tmp_path, builds, answer, said):
    found = _executable(tmp_path / "bin" / "pulumi", answer)
    lines: list[str] = []
    engine = ensure_engine(
        lines.append, env={**env, "PATH": str(found.parent) + ":/usr/bin:/bin"}, releases=_NOWHERE
    )
    assert engine.source == "build"
    assert said in lines[0]


def test_an_engine_on_path_that_cannot_be_run_is_not_used(env, tmp_path, builds):
    found = _executable(tmp_path / "bin" / "pulumi", "")
    found.write_text("#!/nowhere/interpreter\n")
    lines: list[str] = []
    ensure_engine(lines.append, env={**env, "PATH": str(found.parent)}, releases=_NOWHERE)
    assert f"{found} is not used" in lines[0]
    assert builds


def test_without_a_release_it_is_built_and_said_why(env, builds):
    lines: list[str] = []
    engine = ensure_engine(lines.append, env=env, releases=_NOWHERE)
    assert engine.source == "build"
    assert builds == [f"Pulumi engine {PINNED}"]
    assert "cannot be reached" in lines[0]
    assert "building it from source instead" in lines[0]
    assert "\n" not in lines[0]


def test_the_release_is_used_kept_and_checked(env, builds, publisher, tmp_path):
    files, source = publisher
    _publish(files, _RELEASE)
    engine = ensure_engine(env=env, releases=source)
    assert engine.source == "release"
    assert subprocess.run([engine.path], capture_output=True, text=True, check=True).stdout == f"v{PINNED}\n"
    assert engine.language_host == engine.path.parent / "pulumi-language-python"
    files.clear()
    assert ensure_engine(env=env, releases=source) == engine
    engine.path.write_text("#!/bin/sh\necho something else\n")
    assert ensure_engine(env=env, releases=source).source == "build"
    assert builds


def test_a_release_with_another_digest_is_not_used(env, builds, publisher, tmp_path):
    files, source = publisher
    _publish(files, _RELEASE, digest="f" * 64)
    lines: list[str] = []
    assert ensure_engine(lines.append, env=env, releases=source).source == "build"
    assert "it is not used" in lines[0]
    assert not list((tmp_path / "cache").rglob("pulumi-language-python"))


@pytest.mark.parametrize(
    ("archive", "expected"),
    [
        (b"not an archive", "cannot be unpacked"),
        (_RELEASE[: len(_RELEASE) // 2], "cannot be unpacked"),
        (_archive({"other/pulumi": "x"}), "holds no pulumi/pulumi"),
        (_archive({"../pulumi/pulumi": "x"}), "cannot be unpacked"),
    ],
    ids=["no archive", "cut short", "another folder", "outside"],
)
def test_an_archive_that_is_not_what_it_should_be_is_refused(publisher, tmp_path, archive, expected):
    files, source = publisher
    _publish(files, archive)
    with pytest.raises(ReleaseError, match=expected):
        install_release(tmp_path / "dest", PINNED, print, source)
    assert installed_release(tmp_path / "dest", PINNED) is None
    assert not list(tmp_path.iterdir())


def test_a_list_without_the_archive_is_refused(publisher, tmp_path):
    files, source = publisher
    files[f"/{PINNED}.txt"] = b"<html>not found</html>"
    with pytest.raises(ReleaseError, match="does not list"):
        install_release(tmp_path / "dest", PINNED, print, source)


def test_a_place_that_does_not_answer_is_given_up_soon(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ReleaseError, match="cannot be reached: timed out"):
            install_release(tmp_path / "dest", PINNED, print, ReleaseSource(base, base), timeout=0.2)


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        ("linux", "x86_64", "linux-x64"),
        ("linux", "aarch64", "linux-arm64"),
        ("darwin", "arm64", "darwin-arm64"),
        ("linux", "riscv64", None),
        ("freebsd14", "amd64", None),
    ],
)
def test_the_platform_s_name_in_a_release(system, machine, expected):
    assert release.release_platform(system, machine) == expected


def test_our_own_engine_on_path_is_still_checked_by_digest(env, builds, tmp_path):
    ours = _executable(tmp_path / "cache" / "engine" / str(PINNED) / "pulumi", "v3.999.0")
    engine = ensure_engine(env={**env, "PATH": str(ours.parent)}, releases=_NOWHERE)
    assert engine.source == "build"
    assert builds, "a binary without a record is not taken for ours"


def test_the_recipe_is_locked_by_digests():
    recipe = acquire.engine_recipe()
    sums = (recipe.module_dir / "go.sum").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{PINNED} h1:" in sums


def test_an_engine_is_placed_beside_the_language_host(env, builds, tmp_path):
    engine = ensure_engine(env=env, releases=_NOWHERE)
    folder = tmp_path / "plugins"
    folder.mkdir()
    wrapper = folder / WRAPPER_NAME
    wrapper.write_text(wrapper_script(Path("/v/bin/python")))
    wrapper.chmod(0o755)
    placed = place_engine(engine, folder)
    for again in (engine, placed):
        assert place_engine(again, folder) == placed
        assert placed.path == folder / "pulumi"
        assert placed.path.samefile(engine.path)
        assert sorted(path.name for path in folder.iterdir()) == ["pulumi", WRAPPER_NAME]
    assert placed.language_host is None, "ours is not the official one"
    engine.path.unlink()
    _executable(engine.path, "another")
    assert place_engine(engine, folder).path.read_text() == engine.path.read_text()


def test_an_engine_is_copied_where_it_cannot_be_linked(env, builds, tmp_path, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    engine = ensure_engine(env=env, releases=_NOWHERE)
    placed = place_engine(engine, tmp_path / "plugins")
    assert placed.path.read_bytes() == engine.path.read_bytes()
    assert os.access(placed.path, os.X_OK)
    first = placed.path.stat().st_ino
    assert place_engine(engine, tmp_path / "plugins").path.stat().st_ino == first, "a copy is made once"


def test_the_cached_engine_under_another_name_on_path_is_the_cached_one(env, publisher, tmp_path):
    files, source = publisher
    _publish(files, _RELEASE)
    engine = ensure_engine(env=env, releases=source)
    placed = place_engine(engine, tmp_path / "plugins")
    assert ensure_engine(env={**env, "PATH": str(placed.bin_dir)}, releases=_NOWHERE) == engine
