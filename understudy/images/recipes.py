"""How each service becomes a program: one recipe per language."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from understudy.images.toolchain import (
    Target,
    c_toolchain,
    clean_environment,
    go_toolchain,
    run,
    rust_toolchain,
)

__all__ = ["Compiler", "GoCompiler", "Progress", "RustCompiler", "cargo_environment"]

Progress = Callable[[str], None]


class Compiler(Protocol):
    """A compiler that is ready to build one service."""

    @property
    def toolchain(self) -> str:
        """Everything of the toolchain that shapes the program, as text."""
        ...

    def compile(self, output: Path, progress: Progress) -> None:
        """Write the program to ``output``."""
        ...


@dataclass(frozen=True)
class GoCompiler:
    """Builds a Go program: static, without paths, build id or version control stamp."""

    module: Path
    target: Target
    toolchain: str
    env: Mapping[str, str]

    @classmethod
    def find(cls, module: Path, target: Target) -> "GoCompiler":
        """Return the compiler that the module pins."""
        toolchain, env = go_toolchain(module, clean_environment())
        settings = {
            "CGO_ENABLED": "0",
            "GOOS": "linux",
            "GOARCH": target.architecture,
            "GOAMD64": "v1",
            "GOARM64": "v8.0",
            "GOFLAGS": "-mod=readonly -buildvcs=false -trimpath",
            "GOWORK": "off",
        }
        return cls(module, target, toolchain, {**env, **settings})

    def compile(self, output: Path, progress: Progress) -> None:
        """Write the program to ``output``."""
        command = ["go", "build", "-ldflags=-s -w -buildid=", "-o", str(output), "."]
        run(command, self.module, self.env, self.module.name, progress)


@dataclass(frozen=True)
class RustCompiler:
    """Builds a Rust program: static, locked dependencies, paths replaced by fixed ones."""

    crate: Path
    target: Target
    target_dir: Path
    toolchain: str
    env: Mapping[str, str]

    @classmethod
    def find(cls, crate: Path, target: Target, target_dir: Path) -> "RustCompiler":
        """Return the compiler that the crate pins.

        Args:
            crate: folder of the Cargo.toml.
            target: what to build for.
            target_dir: where cargo keeps compiled crates between builds.
        """
        toolchain, env = rust_toolchain(crate, clean_environment())
        toolchain = f"{toolchain} {c_toolchain(env)}"
        return cls(crate, target, target_dir, toolchain, cargo_environment(crate, target_dir, env))

    def compile(self, output: Path, progress: Progress) -> None:
        """Write the program to ``output``."""
        command = ["cargo", "build", "--release", "--locked", "--color=never", "--target", self.target.triple]
        run(command, self.crate, self.env, self.crate.name, progress)
        built = self.target_dir / self.target.triple / "release" / self.crate.name
        output.write_bytes(built.read_bytes())


def cargo_environment(crate: Path, target_dir: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for any cargo command that shares compiled crates with the image's build."""
    home = Path(env.get("CARGO_HOME") or Path.home() / ".cargo")
    flags = ["-Ctarget-feature=+crt-static"]
    # Later rules win, so the folder that may lie inside another comes last.
    for folder, name in ((home, "/cargo"), (crate.parent, "/services"), (target_dir, "/target")):
        flags.append(f"--remap-path-prefix={os.path.realpath(folder)}={name}")
    return {**env, "CARGO_TARGET_DIR": str(target_dir), "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags)}
