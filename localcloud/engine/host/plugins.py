"""Runs policy packs and plugins that are written in Python."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import grpc

from localcloud.engine.host.children import Child, Children
from localcloud.engine.host.options import Options, OptionsError
from localcloud.engine.host.policy_proxy import PolicyProxy
from localcloud.engine.host.streams import merged

__all__ = ["run_plugin"]

_Piece = tuple[Literal["stdout", "stderr", "exitcode"], Any]


def run_plugin(
    request: Any,
    options: Options,
    env: Mapping[str, str],
    children: Children,
    context: grpc.ServicerContext,
) -> Iterator[_Piece]:
    """Run what the request names to its end; yield what it prints and, last, its exit code.

    Args:
        request: a RunPluginRequest.
        options: the plugin's options.
        env: the host's environment.
        children: starts the process.
        context: of the call; the plugin ends when the engine drops it.

    Raises:
        OptionsError: the folder holds nothing that can be run, or its Python is not there.
        OSError: the process cannot be started.
    """
    whole_env = {
        **options.environment(env),
        **dict(entry.split("=", 1) for entry in request.env if "=" in entry),
    }
    if request.kind == "analyzer":
        yield from _run_policy_pack(request, options, env, whole_env, children, context)
        return
    child = children.start(
        _plugin_request(request, options),
        python=options.python(env),
        env=whole_env,
        cwd=request.pwd,
        piped=True,
    )
    context.add_callback(child.cancel_soon)
    with children.until_done(child):
        yield from _output(child)


def _plugin_request(request: Any, options: Options) -> dict[str, Any]:
    if (options.root / "__main__.py").is_file():
        return {"mode": "path", "program": str(options.program), "args": list(request.args)}
    name = _package_name(options.root / "pyproject.toml")
    if name is None:
        raise OptionsError(
            f"{options.root} is no plugin that can be run: it has neither a __main__.py nor a pyproject.toml "
            "with [build-system] and a project name"
        )
    return {"mode": "module", "program": "pulumi.run.plugin", "args": [name, *request.args]}


def _package_name(pyproject: Path) -> str | None:
    try:
        content = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionsError(f"{pyproject} cannot be read: {error}") from error
    return content.get("project", {}).get("name") if "build-system" in content else None


def _run_policy_pack(
    request: Any,
    options: Options,
    env: Mapping[str, str],
    whole_env: Mapping[str, str],
    children: Children,
    context: grpc.ServicerContext,
) -> Iterator[_Piece]:
    python = options.python(env)
    proxy = PolicyProxy()
    try:
        context.add_callback(proxy.close)
        yield "stdout", f"{proxy.port}\n".encode()
        configuration = proxy.wait_for_configuration()
        if not context.is_active():
            return
        wanted = {
            "mode": "policy",
            "program": str(options.program),
            "args": list(request.args),
            "stack": _stack(configuration),
        }
        # -u: a pack writes its port and then waits; nothing else would flush it.
        child = children.start(
            wanted,
            python=python,
            flags=("-u",),
            env={**whole_env, **_stack_variables(configuration)},
            cwd=str(options.program),
            piped=True,
        )
        context.add_callback(child.cancel_soon)
        with children.until_done(child):
            yield from _attached(child, proxy)
    finally:
        proxy.close()


def _attached(child: Child, proxy: PolicyProxy) -> Iterator[_Piece]:
    """Yield the pack's output; its first line is its port, which is for the proxy."""
    pending = True
    for kind, value in _output(child):
        if pending and kind == "stdout" and value.strip().isdigit():
            pending = False
            proxy.attach(int(value))
            continue
        yield kind, value


def _output(child: Child) -> Iterator[_Piece]:
    assert child.stdout is not None
    assert child.stderr is not None
    yield from merged(child.stdout, child.stderr)
    yield "exitcode", child.wait()


def _stack(configuration: Any) -> dict[str, Any] | None:
    if configuration is None:
        return None
    return {
        "organization": configuration.organization,
        "project": configuration.project,
        "stack": configuration.stack,
        "dry_run": configuration.dry_run,
        "config": dict(configuration.config),
        "config_secret_keys": list(configuration.config_secret_keys),
    }


def _stack_variables(configuration: Any) -> dict[str, str]:
    """What a pack may read from its environment; not the configuration, which holds secrets."""
    if configuration is None:
        return {}
    variables = {
        "PULUMI_ORGANIZATION": configuration.organization,
        "PULUMI_PROJECT": configuration.project,
        "PULUMI_STACK": configuration.stack,
        "PULUMI_DRY_RUN": "true" if configuration.dry_run else "false",
    }
    return {name: value for name, value in variables.items() if value}
