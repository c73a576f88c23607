"""Generate the Go and Rust code of the contracts: ``python services/contracts/generate.py [OUT_FOLDER]``.

Every generator is pinned: protoc by the development dependency ``grpcio-tools``, the Go plugins by ``tool``
lines in ``gen/go/go.mod``, the Rust one by ``rust-generator/Cargo.lock``. The output is committed, so
building a service needs none of them.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
PROTO = HERE / "proto"
_GO_PREFIX = "understudy.local/contracts"
# What the Rust service speaks; the order messages are the Go worker's alone.
_RUST_FILES = ("understudy/pricing/v1/pricing.proto",)


class GenerationError(Exception):
    """A generator failed; the message is one line."""


def generate(out: Path) -> None:
    """Write ``go/`` and ``rust/`` under ``out``.

    Raises:
        GenerationError: a compiler is missing or refused the contracts.
    """
    files = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as scratch:
        _go(Path(scratch), files, out / "go")
        _rust(Path(scratch), out / "rust")


def _go(scratch: Path, files: list[str], out: Path) -> None:
    plugins = {name: _go_plugin(name, scratch) for name in ("protoc-gen-go", "protoc-gen-go-grpc")}
    out.mkdir(parents=True, exist_ok=True)
    _protoc(
        *(f"--plugin={name}={path}" for name, path in plugins.items()),
        f"--go_out={out}",
        f"--go_opt=module={_GO_PREFIX}",
        f"--go-grpc_out={out}",
        f"--go-grpc_opt=module={_GO_PREFIX}",
        *files,
    )


def _go_plugin(name: str, scratch: Path) -> Path:
    package = {
        "protoc-gen-go": "google.golang.org/protobuf/cmd/protoc-gen-go",
        "protoc-gen-go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
    }[name]
    _run(["go", "build", "-o", str(scratch / name), package], HERE / "gen" / "go")
    return scratch / name


def _rust(scratch: Path, out: Path) -> None:
    descriptors = scratch / "descriptors.bin"
    _protoc("--include_imports", "--include_source_info", f"--descriptor_set_out={descriptors}", *_RUST_FILES)
    generator = HERE / "rust-generator"
    _run(["cargo", "run", "--quiet", "--locked", "--", str(descriptors), str(out)], generator)


def _protoc(*arguments: str) -> None:
    include = Path(protoc.__file__).parent / "_proto"
    if protoc.main(["protoc", f"-I{PROTO}", f"-I{include}", *arguments]) != 0:
        raise GenerationError("protoc refused the contracts; its output is above")


def _run(command: list[str], cwd: Path) -> None:
    if shutil.which(command[0]) is None:
        raise GenerationError(f"{command[0]} is not on PATH; install it to generate the contracts' code")
    # A workspace file or flags of the caller must not change what is generated.
    env = {**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}
    result = subprocess.run(command, cwd=cwd, env=env, check=False)
    if result.returncode != 0:
        raise GenerationError(f"{' '.join(command[:2])} failed; its output is above")


def main() -> int:
    """Run the generators from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Generate the Go and Rust code of the contracts.")
    parser.add_argument("out", nargs="?", type=Path, default=HERE / "gen")
    try:
        generate(parser.parse_args().out.resolve())
    except GenerationError as error:
        sys.stderr.write(f"generate: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
