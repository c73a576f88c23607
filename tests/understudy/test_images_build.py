"""Building: what makes a new image, what does not, and what the user is told when it fails."""

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from understudy.images import ImageError, build, build_images, toolchain
from understudy.images.sources import source_digest

REPO = Path(__file__).parents[2]


class _FakeCompiler:
    """Writes its sources' names as the program, and counts."""

    toolchain = "fake 1.0"
    runs = 0

    def compile(self, output: Path, progress) -> None:
        type(self).runs += 1
        progress("working")
        output.write_bytes(b"program")


@pytest.fixture
def repo(tmp_path, monkeypatch):
    """A repository with one service of each kind, compiled by a fake."""
    monkeypatch.setenv("UNDERSTUDY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "_compiler", lambda *_: _FakeCompiler())
    monkeypatch.setattr(_FakeCompiler, "runs", 0)
    root = tmp_path / "repo"
    for path in ("orders/main.go", "contracts/gen/go/a.go", "pricing/main.rs", "contracts/gen/rust/a.rs"):
        (root / "services" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "services" / path).write_text("1")
    return root


def test_an_unchanged_service_is_not_built_again(repo):
    first, second = build_images(repo), build_images(repo)
    assert first == second
    assert _FakeCompiler.runs == 2
    assert first["orders"].reference == f"understudy.local/orders@{first['orders'].digest}"
    assert first["orders"].archive.is_file()


def test_what_changes_a_service_and_what_does_not(repo):
    def revision() -> str:
        build_images(repo, ["orders"])
        return str(_FakeCompiler.runs)

    before = revision()
    (repo / "services/orders/main_test.go").write_text("a test")
    (repo / "services/pricing/main.rs").write_text("2")
    assert revision() == before
    (repo / "services/contracts/gen/go/a.go").write_text("2")
    assert revision() != before


def test_the_record_keeps_what_was_not_built_now(repo):
    build_images(repo, ["pricing"])
    image = build_images(repo, ["orders"])["orders"]
    record = json.loads((repo / "build/images.json").read_text())
    assert set(record) == {"orders", "pricing"}
    assert record["orders"] == {
        "reference": image.reference,
        "digest": image.digest,
        "archive": str(image.archive),
    }


def test_builds_at_the_same_time_compile_once(repo):
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: build_images(repo, ["orders"]), range(4)))
    assert _FakeCompiler.runs == 1
    assert all(result == results[0] for result in results)


def test_a_build_that_was_cut_off_leaves_nothing_under_its_key(repo, monkeypatch):
    def broken(self, output, progress):
        output.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_FakeCompiler, "compile", broken)
        with pytest.raises(KeyboardInterrupt):
            build_images(repo, ["orders"])
    assert build_images(repo, ["orders"])["orders"].archive.is_file()
    assert not list(build.target_folder().parent.glob(".orders-*"))


def test_sources_that_change_during_the_build_make_no_image(repo, monkeypatch):
    def edited(self, output, progress):
        output.write_bytes(b"program")
        (repo / "services/orders/main.go").write_text("edited meanwhile")

    with monkeypatch.context() as patch:
        patch.setattr(_FakeCompiler, "compile", edited)
        with pytest.raises(
            ImageError, match="the sources of orders changed while it was built: run it again"
        ):
            build_images(repo, ["orders"])
    (repo / "services/orders/main.go").write_text("1")
    build_images(repo, ["orders"])
    assert _FakeCompiler.runs == 1


def test_old_builds_are_cleared_away(repo):
    for number in range(8):
        (repo / "services/orders/main.go").write_text(str(number))
        build_images(repo, ["orders"])
    kept = [path for path in build.target_folder().parent.glob("orders-*") if path.is_dir()]
    assert len(kept) == 5


def test_an_unknown_service_is_one_line(repo):
    with pytest.raises(ImageError, match="unknown service 'billing': the services are orders, pricing"):
        build_images(repo, ["billing"])


def test_a_missing_source_is_one_line(repo):
    shutil.rmtree(repo / "services/contracts")
    with pytest.raises(ImageError, match=r"contracts/gen/go is missing"):
        build_images(repo, ["orders"])


def test_the_digest_of_sources_does_not_know_where_they_are(repo, tmp_path):
    shutil.copytree(repo, tmp_path / "elsewhere")
    assert source_digest(repo, ["services/orders"]) == source_digest(
        tmp_path / "elsewhere", ["services/orders"]
    )


def test_a_compiler_that_is_not_there_is_one_line(tmp_path):
    (tmp_path / "go.mod").write_text("module x\n\ngo 1.26.8\n")
    (tmp_path / "rust-toolchain.toml").write_text('channel = "1.95.0"\n')
    nothing = {"PATH": str(tmp_path)}
    with pytest.raises(ImageError, match=r"go is not on PATH: install Go 1\.26\.8"):
        toolchain.go_toolchain(tmp_path, nothing)
    with pytest.raises(ImageError, match=r"cargo is not on PATH: install Rust 1\.95\.0"):
        toolchain.rust_toolchain(tmp_path, nothing)
    with pytest.raises(ImageError, match="cc is not on PATH"):
        toolchain.c_toolchain(nothing)


def test_a_compiler_of_another_version_is_one_line(tmp_path):
    (tmp_path / "rust-toolchain.toml").write_text('channel = "1.95.0"\n')
    for name in ("cargo", "rustc"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'rustc 1.80.0 (x)'\n")
        (tmp_path / name).chmod(0o755)
    env = {"PATH": str(tmp_path)}
    with pytest.raises(
        ImageError, match=r"Rust 1\.95\.0 is needed .* found rustc 1\.80\.0 .*rustup toolchain"
    ):
        toolchain.rust_toolchain(tmp_path, env)


def test_a_program_that_does_not_compile_shows_the_compilers_words(tmp_path):
    said = []
    command = ["sh", "-c", "echo main.go:1: oops; exit 3"]
    with pytest.raises(ImageError, match="orders does not compile: sh -c ended with 3") as caught:
        toolchain.run(command, tmp_path, dict(os.environ), "orders", said.append)
    assert caught.value.output == "main.go:1: oops\n"
    assert said == ["main.go:1: oops"]
    assert "\n" not in str(caught.value)


def test_flags_of_the_caller_do_not_reach_the_compiler():
    env = {
        "RUSTFLAGS": "-Ctarget-cpu=native",
        "GOFLAGS": "-race",
        "CARGO_HOME": "/c",
        "PATH": "/bin",
        "CC": "x",
    }
    assert toolchain.clean_environment(env) == {"CARGO_HOME": "/c", "PATH": "/bin"}


@pytest.mark.e2e
@pytest.mark.parametrize("name", ["orders", "pricing"])
def test_the_same_source_in_another_folder_has_the_same_digest(name, tmp_path, monkeypatch):
    """Everything differs but the source: folder, cache, compiled crates. Rust takes two minutes and more."""
    first = build_images(REPO, [name])[name]
    copy = tmp_path / "a copy" / "with a space"
    listed = subprocess.run(
        ["git", "ls-files", "services"], cwd=REPO, check=True, capture_output=True, text=True
    )
    for path in listed.stdout.splitlines():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPO / path, copy / path)
    monkeypatch.setenv("UNDERSTUDY_CACHE_DIR", str(tmp_path / "cache"))
    assert build_images(copy, [name])[name].digest == first.digest
