"""The protocol of a language host, for Python programs, policy packs and plugins.

Behaves as the official Python language host does; what differs is that configuration reaches a program
through a pipe, not through its environment, and that programs end when the host does.
"""

import base64
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict

from localcloud.engine.host.children import Child, Children
from localcloud.engine.host.install import install_commands
from localcloud.engine.host.options import Options, OptionsError, parse_options
from localcloud.engine.host.packages import installed, required_plugins
from localcloud.engine.host.plugins import run_plugin
from localcloud.engine.host.streams import merged
from localcloud.engine.host.stubs import proto
from localcloud.engine.versions import PINNED

__all__ = ["LanguageHost"]

_language = proto("language_pb2")
_plugin = proto("plugin_pb2")
_servicer: Any = proto("language_pb2_grpc").LanguageRuntimeServicer

# The program has shown its error itself, with the whole traceback: there is nothing to add.
_REPORTED = 32


class LanguageHost(_servicer):
    """Serves the engine.

    Args:
        engine_address: where the engine listens, if it said so when it started this process.
        env: environment that programs get.
        children: the processes started here.
    """

    def __init__(self, engine_address: str, env: Mapping[str, str], children: Children) -> None:
        self._engine_address = engine_address
        self._env = dict(env)
        self._children = children

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - the protocol's name
        """Take the engine's address."""
        self._engine_address = request.engine_address
        return _language.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Say the host's version: that of the SDK it belongs to."""
        return _plugin.PluginInfo(version=str(PINNED))

    def About(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Say which Python runs the program."""
        options = _options_or_abort(request.info, context)
        python = self._python_or_abort(options, context)
        asked = subprocess.run(
            [
                str(python),
                "-c",
                "import platform, sys; print(sys.executable); print(platform.python_version())",
            ],
            env=options.environment(self._env),
            capture_output=True,
            text=True,
            check=False,
        )
        executable, version = [*asked.stdout.splitlines(), "", ""][:2]
        metadata = {"toolchain": options.toolchain, "typechecker": options.typechecker or "none"}
        return _language.AboutResponse(executable=executable, version=version, metadata=metadata)

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """List the plugins of the Pulumi packages in the program's Python."""

        try:
            required = required_plugins(_options(request.info), self._env)
        except OptionsError:
            # Run comes next and says what is wrong, in one line; an error here would be said in three.
            required = []
        return _language.GetRequiredPackagesResponse(
            packages=[
                _plugin.PackageDependency(
                    name=plugin.name,
                    version=plugin.version,
                    kind="resource",
                    server=plugin.server,
                    parameterization=_parameterization(plugin.parameterization),
                )
                for plugin in required
            ]
        )

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """List the distributions in the program's Python."""

        options = _options_or_abort(request.info, context)
        try:
            found = installed(options, self._env, transitive=request.transitiveDependencies)
        except OptionsError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        dependencies = [_language.DependencyInfo(name=name, version=version) for name, version in found]
        return _language.GetProgramDependenciesResponse(dependencies=dependencies)

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        """Install the program's dependencies; stream what the installer prints."""

        options = _options_or_abort(request.info, context, is_plugin=request.is_plugin)
        response = _language.InstallDependenciesResponse
        yield response(stdout=b"Installing dependencies...\n\n")
        env = {**options.environment(self._env), "UV_PROJECT_ENVIRONMENT": str(options.virtualenv or "")}
        for command in install_commands(options, is_plugin=request.is_plugin):
            try:
                process = subprocess.Popen(
                    command,
                    cwd=options.program,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            except OSError as error:
                context.abort(
                    grpc.StatusCode.FAILED_PRECONDITION, f"cannot run {command[0]}: {error.strerror}"
                )
            context.add_callback(process.terminate)
            assert process.stdout is not None
            assert process.stderr is not None
            for stream, line in merged(process.stdout, process.stderr):
                yield response(**{stream: line})
            if code := process.wait():
                context.abort(grpc.StatusCode.UNKNOWN, f"`{' '.join(command)}` failed with exit code {code}")
        yield response(stdout=b"Finished installing dependencies\n\n")

    def Run(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Run a program to its end."""
        response = _language.RunResponse
        if request.attach_debugger:
            return response(
                error="this language host cannot attach a debugger; run without --attach-debugger"
            )
        try:
            options = _options(request.info)
            if options.typechecker:
                self._typecheck(options)
            child = self._start_program(request, options)
        except OptionsError as error:
            return response(error=str(error))
        except OSError as error:
            return response(error=f"the program cannot be started: {error.strerror or error}")
        context.add_callback(child.cancel_soon)
        with self._children.until_done(child):
            code = child.wait()
        return response(bail=True) if child.cancelled else _outcome(code)

    def RunPlugin(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        """Run a policy pack or plugin to its end; stream what it prints, and its exit code."""

        response = _language.RunPluginResponse
        if request.attach_debugger:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "this language host cannot attach a debugger")
        options = _options_or_abort(request.info, context, is_plugin=request.kind != "analyzer")
        try:
            for kind, value in run_plugin(request, options, self._env, self._children, context):
                yield response(**{kind: value})
        except OptionsError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except OSError as error:
            context.abort(
                grpc.StatusCode.UNKNOWN, f"{request.name or 'the plugin'} cannot be started: {error}"
            )

    def RuntimeOptionsPrompts(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Ask for nothing: `pulumi new` gets the defaults."""
        return _language.RuntimeOptionsResponse()

    def Template(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Change nothing in a new project: its files serve pip and uv as they are."""
        return _language.TemplateResponse()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Stop every program, policy pack and plugin."""
        self._children.cancel_all()
        return empty_pb2.Empty()

    def GeneratePackage(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refuse: SDKs are generated by the official host."""
        _refuse(context, "generate an SDK")

    def GenerateProgram(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refuse: programs are converted by the official host."""
        _refuse(context, "generate a program")

    def GenerateProject(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refuse: programs are converted by the official host."""
        _refuse(context, "generate a project")

    def Pack(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refuse: SDKs are packed by the official host."""
        _refuse(context, "pack an SDK")

    def Link(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refuse: SDKs are linked by the official host."""
        _refuse(context, "link a package")

    def _start_program(self, request: Any, options: Options) -> Child:
        wanted = {
            "mode": "program",
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "stack": request.stack,
            "organization": request.organization,
            "root_directory": request.info.root_directory,
            "dry_run": request.dryRun,
            "parallel": request.parallel,
            "config": dict(request.config),
            "config_secret_keys": list(request.configSecretKeys),
            "program": request.info.entry_point or ".",
            "args": list(request.args),
        }
        env = options.environment(self._env)
        cwd = request.pwd or request.info.program_directory
        return self._children.start(wanted, python=options.python(self._env), env=env, cwd=cwd, piped=False)

    def _typecheck(self, options: Options) -> None:
        checker = options.typechecker or ""
        command = [str(options.python(self._env)), "-m", checker]
        if checker == "mypy" and options.virtualenv and options.virtualenv.is_relative_to(options.program):
            command += ["--exclude", str(options.virtualenv.relative_to(options.program))]
        env = options.environment(self._env)
        ran = subprocess.run([*command, str(options.program)], cwd=options.program, env=env, check=False)
        if ran.returncode:
            raise OptionsError(f"{checker} failed with exit code {ran.returncode} on {options.program}")

    def _python_or_abort(self, options: Options, context: grpc.ServicerContext) -> Path:
        try:
            return options.python(self._env)
        except OptionsError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise


def _refuse(context: grpc.ServicerContext, what: str) -> None:
    advice = "use the official pulumi-language-python for that"
    context.abort(grpc.StatusCode.UNIMPLEMENTED, f"this Python language host does not {what}; {advice}")


def _outcome(code: int) -> Any:
    if code == 0:
        return _language.RunResponse()
    if code == _REPORTED:
        return _language.RunResponse(bail=True)
    if code < 0:
        return _language.RunResponse(error=f"program exited unexpectedly: it was ended by signal {-code}")
    return _language.RunResponse(error=f"program exited with non-zero exit code: {code}")


def _options(info: Any, *, is_plugin: bool = False) -> Options:
    options = MessageToDict(info.options)
    return parse_options(info.root_directory, info.program_directory, options, is_plugin=is_plugin)


def _options_or_abort(info: Any, context: grpc.ServicerContext, *, is_plugin: bool = False) -> Options:
    try:
        return _options(info, is_plugin=is_plugin)
    except OptionsError as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        raise


def _parameterization(value: Mapping[str, str] | None) -> Any:
    if value is None:
        return None
    return _plugin.PackageParameterization(
        name=value["name"], version=value["version"], value=base64.b64decode(value.get("value", ""))
    )
