"""The language host under the real engine: `pulumi` itself, --policy-pack and the Automation API."""

import json
import shutil
import textwrap
from pathlib import Path

import pytest
from engine_workplace import VIRTUALENV, Workplace
from pulumi import automation

from localcloud.engine.acquire import ensure_engine, place_engine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

_CANARY = "canary-7c1f0e"


@pytest.fixture(scope="session")
def engine() -> Path:
    return ensure_engine().path


@pytest.fixture
def workplace(tmp_path: Path, engine: Path) -> Workplace:
    return Workplace(tmp_path, engine)


def _diagnostics(output: str) -> str:
    return output.partition("Diagnostics:")[2]


def test_log_lines_and_output_of_a_program_arrive(workplace: Workplace):
    project = workplace.project(
        "logs",
        """
        import sys
        import pulumi
        pulumi.log.info("an information")
        pulumi.log.warn("a warning")
        print("printed")
        print("printed to stderr", file=sys.stderr)
        pulumi.export("where", [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()])
        pulumi.export("dry", pulumi.runtime.is_dry_run())
        pulumi.export("arguments", [sys.argv[0], __file__])
        """,
    )
    shown = _diagnostics(workplace.pulumi("preview", cwd=project))
    for line in ("an information", "warning: a warning", "printed", "printed to stderr"):
        assert line in shown
    workplace.pulumi("up", "--yes", "--skip-preview", cwd=project)
    outputs = workplace.pulumi_json("stack", "output", "--json", cwd=project)
    assert outputs["where"] == ["organization", "logs", "dev"]
    assert outputs["dry"] is False
    assert outputs["arguments"][0] == "."


def test_a_program_that_raises_is_shown_once_from_its_own_first_line(workplace: Workplace):
    project = workplace.project(
        "raises",
        """
        def broken():
            raise ValueError("the reason")

        broken()
        """,
    )
    shown = _diagnostics(workplace.pulumi("preview", cwd=project, fails=True))
    assert "error: Program failed with an unhandled exception" in shown
    assert shown.count("ValueError: the reason") == 1
    assert shown.count("Traceback") == 1
    assert shown.index("__main__.py") < shown.index("in broken")
    for noise in ("child.py", "runpy", "asyncio", "exit code", "grpc"):
        assert noise not in shown


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("def broken(:\n    pass", "SyntaxError"),
        ("import pulumi\nraise pulumi.RunError('said by the author')", "error: said by the author"),
        ("import sys\nsys.exit(3)", "program exited with non-zero exit code: 3"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended by signal 9"),
        ("import a_module_that_is_not_there", "ModuleNotFoundError: No module named 'a_module_that"),
    ],
)
def test_other_ways_to_fail_are_one_clear_message(workplace: Workplace, program: str, expected: str):
    project = workplace.project("fails", program)
    shown = _diagnostics(workplace.pulumi("preview", cwd=project, fails=True))
    assert expected.lower() in shown.lower()
    assert "child.py" not in shown


def test_a_missing_program_and_bad_options_are_one_line(workplace: Workplace):
    project = workplace.project("missing", "")
    (project / "__main__.py").unlink()
    assert "unable to find main python program" in workplace.pulumi("preview", cwd=project, fails=True)
    options = {"toolchain": "poetry"}
    project = workplace.project("poetry", "", options)
    shown = workplace.pulumi("preview", cwd=project, fails=True)
    assert "the runtime option 'toolchain: poetry' is not supported" in shown
    project = workplace.project("novenv", "", {"virtualenv": "nothing-here"})
    shown = workplace.pulumi("preview", cwd=project, fails=True)
    assert "the 'virtualenv' option in Pulumi.yaml is set to" in shown
    assert "rpc error" not in shown


def test_a_config_secret_stays_secret_and_is_in_no_environment(workplace: Workplace):
    project = workplace.project(
        "secrets",
        """
        import os
        from pathlib import Path
        import pulumi
        config = pulumi.Config()
        pulumi.export("token", config.require_secret("token"))
        pulumi.export("plain", config.require("plain"))
        secret = config.require("token")
        around = Path("/proc/self/environ").read_text() + Path("/proc/self/cmdline").read_text()
        pulumi.export("hidden", secret not in around)
        """,
    )
    workplace.pulumi("config", "set", "--secret", "token", _CANARY, cwd=project)
    workplace.pulumi("config", "set", "plain", "seen", cwd=project)
    shown = workplace.pulumi("up", "--yes", cwd=project)
    assert "[secret]" in shown
    assert _CANARY not in shown
    outputs = workplace.pulumi_json("stack", "output", "--json", "--show-secrets", cwd=project)
    assert outputs == {"token": _CANARY, "plain": "seen", "hidden": True}
    state = "".join(path.read_text() for path in (workplace.folder / "state").rglob("*.json"))
    assert "secrets" in state
    assert _CANARY not in state


def test_a_stack_reference_reads_another_stack(workplace: Workplace):
    first = workplace.project("first", "import pulumi\npulumi.export('answer', 42)")
    workplace.pulumi("up", "--yes", "--skip-preview", cwd=first)
    second = workplace.project(
        "second",
        """
        import pulumi
        reference = pulumi.StackReference("organization/first/dev")
        pulumi.export("copied", reference.get_output("answer").apply(lambda value: value + 1))
        """,
    )
    workplace.pulumi("up", "--yes", "--skip-preview", cwd=second)
    assert workplace.pulumi("stack", "output", "copied", cwd=second).strip() == "43"


_PACK = """
import pulumi
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def check(args, report):
    if args.resource_type == "test:index:Forbidden":
        report(f"{args.name} is forbidden in {pulumi.get_stack()} by {pulumi.Config('rules').get('author')}")

PolicyPack("pack", enforcement_level=EnforcementLevel.MANDATORY, policies=[
    ResourceValidationPolicy(name="rule", description="none of these", validate=check)])
"""


def test_a_policy_pack_knows_the_stack_and_stops_a_preview(workplace: Workplace):
    pack = workplace.folder / "pack"
    pack.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": str(VIRTUALENV)}}
    (pack / "PulumiPolicy.yaml").write_text(json.dumps({"runtime": runtime, "version": "0.0.1"}))
    (pack / "__main__.py").write_text(_PACK)
    project = workplace.project(
        "governed",
        """
        import pulumi
        pulumi.ComponentResource("test:index:" + pulumi.Config().get("type", "Allowed"), "thing")
        """,
    )
    workplace.pulumi("config", "set", "rules:author", "the-board", cwd=project)
    shown = workplace.pulumi("preview", "--policy-pack", str(pack), cwd=project)
    assert "pack" in shown
    workplace.pulumi("config", "set", "type", "Forbidden", cwd=project)
    shown = workplace.pulumi("preview", "--policy-pack", str(pack), cwd=project, fails=True)
    assert "thing is forbidden in dev by the-board" in shown
    assert "[mandatory]" in shown
    assert "KeyboardInterrupt" not in shown
    assert "Traceback" not in shown


def test_a_policy_pack_that_raises_says_so(workplace: Workplace):
    pack = workplace.folder / "pack"
    pack.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": str(VIRTUALENV)}}
    (pack / "PulumiPolicy.yaml").write_text(json.dumps({"runtime": runtime}))
    (pack / "__main__.py").write_text("raise RuntimeError('a broken pack')")
    project = workplace.project("governed", "")
    shown = workplace.pulumi("preview", "--policy-pack", str(pack), cwd=project, fails=True)
    assert "RuntimeError: a broken pack" in shown


def test_the_automation_api_runs_programs_of_both_kinds(workplace: Workplace, monkeypatch):
    for name, value in workplace.env.items():
        monkeypatch.setenv(name, value)
    project = workplace.project(
        "local", "import pulumi\npulumi.export('kind', pulumi.Config().require('kind'))"
    )
    stack = automation.select_stack(stack_name="dev", work_dir=str(project))
    stack.set_config("kind", automation.ConfigValue("local"))
    lines: list[str] = []
    result = stack.up(on_output=lines.append)
    assert result.outputs["kind"].value == "local"
    assert result.summary.result == "succeeded"

    def program() -> None:
        import pulumi

        pulumi.export("kind", "inline")

    inline = automation.create_stack("dev", project_name="inline", program=program)
    assert inline.up().outputs["kind"].value == "inline"
    assert inline.destroy().summary.result == "succeeded"


def test_a_component_package_gives_its_schema_and_runs(workplace: Workplace):
    package = workplace.folder / "greeter"
    package.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": str(VIRTUALENV)}}
    (package / "PulumiPlugin.yaml").write_text(json.dumps({"runtime": runtime}))
    (package / "__main__.py").write_text(
        textwrap.dedent(
            """
            from typing import TypedDict
            import pulumi
            from pulumi.provider.experimental import component_provider_host

            class GreetingArgs(TypedDict):
                whom: pulumi.Input[str]

            class Greeting(pulumi.ComponentResource):
                text: pulumi.Output[str]
                def __init__(self, name: str, args: GreetingArgs, opts: pulumi.ResourceOptions | None = None):
                    super().__init__("greeter:index:Greeting", name, {}, opts)
                    self.text = pulumi.Output.concat("hello ", args["whom"])
                    self.register_outputs({"text": self.text})

            if __name__ == "__main__":
                component_provider_host(name="greeter", components=[Greeting])
            """
        )
    )
    schema = workplace.pulumi_json("package", "get-schema", str(package), cwd=workplace.folder)
    assert "greeter:index:Greeting" in schema["resources"]


def test_about_and_dependencies_name_the_program_s_python(workplace: Workplace):
    project = workplace.project("about", "")
    about = workplace.pulumi_json("about", "--transitive", "--json", cwd=project)
    assert about["runtime"]["executable"] == str(VIRTUALENV / "bin" / "python")
    assert {"pulumi", "pulumi-policy"} <= {entry["name"] for entry in about["dependencies"]}


def test_pulumi_install_makes_the_virtual_environment(workplace: Workplace):
    project = workplace.project("installs", "", {"virtualenv": "venv"})
    (project / "requirements.txt").write_text("")
    shown = workplace.pulumi("install", cwd=project)
    assert "Finished installing dependencies" in shown
    assert (project / "venv" / "bin" / "python").exists()
    shutil.rmtree(project / "venv")


def test_an_engine_placed_beside_the_language_host_does_not_warn_about_it(workplace: Workplace):
    project = workplace.project("quiet", "")
    assert "warning" in workplace.pulumi("preview", cwd=project)
    place_engine(ensure_engine(), workplace.binaries)
    assert "warning" not in workplace.pulumi("preview", cwd=project)
