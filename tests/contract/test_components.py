# pyright: reportMissingImports=false
"""What the design asks of every component, tried on all that there are."""

import ast
import dataclasses
import importlib
import inspect
import keyword
import pkgutil
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import component_examples as examples
import pulumi
import pulumi_aws
import pytest
from pulumi_mocks import Registered, Run, run

import components
from components.component import TOKEN, Component

STANDARD = {
    "organisation",
    "project",
    "environment",
    "profile",
    "component",
    "owner",
    "branch",
    "commit",
    "release",
    "managed-by",
}
PHYSICAL = ("name", "bucket", "identifier", "replicationGroupId", "nodeGroupName")
# Unique within their parent only, or given by the parent.
INNER = {"aws:iam/rolePolicy:RolePolicy"}
FORBIDDEN = {"boto3", "datetime", "os", "random", "requests", "socket", "subprocess", "time", "uuid"}


def modules() -> list[Any]:
    found = pkgutil.walk_packages(components.__path__, "components.")
    return [importlib.import_module(module.name) for module in found]


MODULES = modules()
COMPONENTS = sorted(
    {
        value
        for module in MODULES
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Component) and value is not Component
    },
    key=lambda one: one.token,
)
every = pytest.mark.parametrize("component", COMPONENTS, ids=lambda one: one.token)


@cache
def built(component: type[Component], environment: str = "feature-x") -> Run:
    return run(lambda: examples.make(component, environment=environment))


def own(component: type[Component]) -> tuple[Registered, list[Registered]]:
    """The component of a run, and its direct and indirect children."""
    resources = built(component).resources
    root = next(one for one in resources if one.token == component.token and one.name == "orders")
    return root, [one for one in resources if one is not root]


def source(component: type[Component]) -> ast.Module:
    return ast.parse(inspect.getsource(importlib.import_module(component.__module__)))


def test_every_component_has_an_example() -> None:
    assert set(COMPONENTS) == set(examples.EXAMPLES)
    assert len(COMPONENTS) >= 11


@every
def test_the_token_says_where_it_lives(component: type[Component]) -> None:
    folder = component.__module__.split(".")[1]
    assert component.token == f"understudy:{folder}:{component.__name__}"
    assert TOKEN.fullmatch(component.token)
    assert own(component)[0].token == component.token


@every
def test_the_signature_is_name_args_opts(component: type[Component]) -> None:
    parameters = list(inspect.signature(component).parameters.values())
    assert [one.name for one in parameters] == ["name", "args", "opts"]
    assert parameters[2].default is None
    assert parameters[1].annotation.__name__ == f"{component.__name__}Args"
    assert parameters[1].annotation.__module__ == component.__module__


@every
def test_arguments_are_frozen_and_by_keyword(component: type[Component]) -> None:
    args_type = examples.EXAMPLES[component][0]
    assert dataclasses.is_dataclass(args_type)
    assert vars(args_type)["__dataclass_params__"].frozen
    assert all(field.kw_only for field in dataclasses.fields(args_type))
    assert "context" in {field.name for field in dataclasses.fields(args_type)}


@every
def test_every_child_belongs_to_the_component(component: type[Component]) -> None:
    run_of = built(component)
    urns = {f"{one.token}::{one.name}" for one in run_of.resources}
    _, children = own(component)
    assert children
    for child in children:
        assert child.parent is not None, child
        parent_token, parent_name = child.parent.split("::")[2].split("$")[-1], child.parent.split("::")[3]
        assert f"{parent_token}::{parent_name}" in urns, child


@every
def test_children_are_named_after_the_component(component: type[Component]) -> None:
    _, children = own(component)
    names = [child.name for child in children]
    assert "orders" in names or any(child.token.endswith(":Role") for child in children)
    for name in names:
        assert name == "orders" or name.startswith("orders-"), name
        assert not re.search(r"-\d+$", name), f"{name} is a position, not a key"


@every
def test_standard_tags_are_on_every_child_that_takes_them(component: type[Component]) -> None:
    for child in own(component)[1]:
        if child.token.startswith("aws:"):
            service, thing = child.token.split(":")[1].split("/")[0], child.token.split(":")[2]
            resource = getattr(getattr(pulumi_aws, module_of(service)), thing)
            if "tags" in inspect.signature(resource._internal_init).parameters:
                assert set(child.inputs.get("tags", {})) >= STANDARD, child
                assert re.fullmatch(r"[a-z]+\.[A-Z][A-Za-z]+", child.inputs["tags"]["component"])
        elif child.token.startswith("kubernetes:"):
            labels = child.inputs["metadata"]["labels"]
            assert {key.removeprefix("understudy.dev/") for key in labels} >= STANDARD, child


def module_of(service: str) -> str:
    """The SDK's module of a service: `lambda` can't be one's name in Python."""
    return f"{service}_" if keyword.iskeyword(service) else service


def physical_names(resources: list[Registered]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in resources:
        if not one.token.startswith("aws:") or one.token in INNER:
            continue
        for key in PHYSICAL:
            value = one.inputs.get(key)
            if isinstance(value, str):
                found[f"{one.token} {one.name} {key}"] = value
    return found


@every
def test_physical_names_are_given_and_never_shared_by_environments(component: type[Component]) -> None:
    mine, other = (physical_names(built(component, name).resources) for name in ("feature-x", "feature-y"))
    assert mine.keys() == other.keys()
    for key, value in mine.items():
        assert "feature-x" in value, key
        assert value != other[key], key


@every
def test_no_name_is_left_to_chance(component: type[Component]) -> None:
    named = physical_names(built(component).resources)
    for child in own(component)[1]:
        if not child.token.startswith("aws:") or child.token in INNER:
            continue
        service, thing = child.token.split(":")[1].split("/")[0], child.token.split(":")[2]
        parameters = inspect.signature(
            getattr(getattr(pulumi_aws, module_of(service)), thing)._internal_init
        ).parameters
        if "name_prefix" in parameters or "bucket_prefix" in parameters:
            assert any(key.startswith(f"{child.token} {child.name} ") for key in named), child


@every
def test_names_come_from_naming_alone(component: type[Component]) -> None:
    for call in ast.walk(source(component)):
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("aws."):
            for given in call.keywords:
                if given.arg in {"name", "bucket", "identifier", "replication_group_id"}:
                    inner = ast.unparse(call.func) == "aws.iam.RolePolicy" or "Args" in ast.unparse(call.func)
                    assert inner or not isinstance(given.value, ast.JoinedStr | ast.Constant), ast.unparse(
                        call
                    )


@every
def test_outputs_are_registered_once_and_documented(component: type[Component]) -> None:
    root, _ = own(component)
    names = component.output_names()
    assert names
    camel = {re.sub(r"_([a-z])", lambda match: match[1].upper(), name) for name in names}
    assert root.outputs is not None
    assert set(root.outputs) == camel
    body = next(
        one
        for one in source(component).body
        if isinstance(one, ast.ClassDef) and one.name == component.__name__
    ).body
    for statement, following in pairwise(body):
        if isinstance(statement, ast.AnnAssign):
            text = following.value if isinstance(following, ast.Expr) else None
            documented = isinstance(text, ast.Constant) and isinstance(text.value, str)
            assert documented, f"{ast.unparse(statement.target)} has no docstring"


@every
def test_docstrings_show_an_example_and_name_the_errors(component: type[Component]) -> None:
    assert "Example:" in (component.__doc__ or "")
    args_type = examples.EXAMPLES[component][0]
    assert "Raises:" in (args_type.__doc__ or "")


@every
def test_the_caller_s_options_are_not_the_children_s(component: type[Component]) -> None:
    options = pulumi.ResourceOptions(
        protect=True,
        aliases=[pulumi.Alias(name="before")],
        ignore_changes=["tags"],
        retain_on_delete=True,
    )
    result = run(lambda: examples.make(component, opts=options))
    for child in result.resources:
        if child.token == component.token and child.name == "orders":
            assert child.protect
            continue
        assert not child.retain_on_delete, child
        assert not child.ignore_changes, child
    tree = source(component)
    merges = [one for one in ast.walk(tree) if isinstance(one, ast.Attribute) and one.attr == "merge"]
    assert not merges


@every
def test_nothing_is_created_inside_apply(component: type[Component]) -> None:
    for call in ast.walk(source(component)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "apply":
            inner = [one for argument in call.args for one in ast.walk(argument)]
            assert not [one for one in inner if isinstance(one, ast.keyword) and one.arg == "opts"]


@every
def test_everything_goes_to_the_component_s_own_provider(component: type[Component]) -> None:
    def program() -> None:
        providers = [
            pulumi_aws.Provider("cloud", region="eu-west-1"),
            _kubernetes().Provider("cluster"),
        ]
        examples.make(component, opts=pulumi.ResourceOptions(providers=providers))

    for child in run(program).resources:
        expected = {"aws": "::cloud::", "kubernetes": "::cluster::"}.get(child.token.split(":")[0])
        if expected:
            assert child.provider is not None, child
            assert expected in child.provider, child


def _kubernetes() -> Any:
    return importlib.import_module("pulumi_kubernetes")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_no_network_clock_or_environment(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names if alias.asname != "random"}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert not imported & FORBIDDEN


def test_naming_imports_no_pulumi() -> None:
    tree = ast.parse(inspect.getsource(importlib.import_module("components.naming")))
    names = {ast.unparse(one) for one in ast.walk(tree) if isinstance(one, ast.Import | ast.ImportFrom)}
    assert not [name for name in names if "pulumi" in name]
