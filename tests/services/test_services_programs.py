"""Runs the services' own tests, and checks what belongs to both of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from understudy.images.build import target_folder
from understudy.images.recipes import cargo_environment
from understudy.images.toolchain import clean_environment, go_toolchain, host_target, rust_toolchain

SERVICES = Path(__file__).parents[2] / "services"
pytestmark = pytest.mark.timeout(1500)


def _run(command: list[str], cwd: Path, env: dict[str, str]) -> str:
    result = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    return result.stdout


def _go(*arguments: str) -> str:
    module = SERVICES / "orders"
    _, env = go_toolchain(module, clean_environment())
    # The same flags as the image's build, so that its compiled packages serve here too.
    flags = {"GOFLAGS": "-mod=readonly -buildvcs=false -trimpath", "CGO_ENABLED": "0"}
    return _run(["go", *arguments], module, {**env, **flags})


def _cargo(*arguments: str) -> str:
    crate = SERVICES / "pricing"
    _, env = rust_toolchain(crate, clean_environment())
    # The same flags, profile and folder as the image's build, so that its compiled crates serve here too.
    env = cargo_environment(crate, target_folder(), env)
    return _run(["cargo", *arguments], crate, env)


def test_the_tests_of_orders_pass():
    _go("vet", "./...")
    _go("test", "./...")


def test_the_sources_of_orders_are_formatted():
    assert _run(["gofmt", "-l", "."], SERVICES / "orders", dict(os.environ)) == ""


def test_the_sources_of_pricing_are_formatted():
    found = subprocess.run(
        ["cargo", "fmt", "--version"], cwd=SERVICES / "pricing", capture_output=True, check=False
    )
    if found.returncode != 0:
        pytest.skip("this toolchain has no rustfmt")
    _cargo("fmt", "--check")


def test_the_tests_of_pricing_pass():
    output = _cargo("test", "--release", "--locked", "--target", host_target().triple)
    assert re.search(r"test result: ok\. [1-9]\d* passed", output)


def test_both_services_have_the_same_limits():
    go = (SERVICES / "orders/internal/order/order.go").read_text()
    rust = (SERVICES / "pricing/src/catalogue.rs").read_text()
    for in_go, in_rust in (("MaxLines", "MAX_LINES"), ("MaxQuantity", "MAX_QUANTITY")):
        first = re.search(rf"{in_go}\s+= ([\d_]+)", go)
        second = re.search(rf"{in_rust}: \w+ = ([\d_]+);", rust)
        assert first and second
        assert int(first[1]) == int(second[1])


def test_all_crates_pin_one_compiler():
    files = sorted(path for path in SERVICES.rglob("rust-toolchain.toml") if "target" not in path.parts)
    assert len(files) == 2
    assert len({path.read_text().split("[toolchain]")[1] for path in files}) == 1
    versions = {re.search(r"^go (\S+)$", path.read_text(), re.M)[1] for path in SERVICES.rglob("go.mod")}  # pyright: ignore[reportOptionalSubscript]
    assert len(versions) == 1


def test_the_generated_code_is_that_of_the_contracts(tmp_path):
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CARGO_TARGET", "RUSTFLAGS"))
    }
    _run([sys.executable, str(SERVICES / "contracts/generate.py"), str(tmp_path)], SERVICES, env)
    committed = SERVICES / "contracts/gen"
    for folder, ending in (("go", "*.pb.go"), ("rust", "*.rs")):
        fresh = {path.relative_to(tmp_path): path.read_text() for path in (tmp_path / folder).rglob(ending)}
        kept = {path.relative_to(committed): path.read_text() for path in (committed / folder).rglob(ending)}
        assert fresh.keys() == kept.keys()
        for name, text in fresh.items():
            assert text == kept[name], f"{name} is out of date: run python services/contracts/generate.py"
