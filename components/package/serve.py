"""Serves the components to the engine: its schema, and Construct."""

import json
from collections.abc import Sequence

import pulumi
from pulumi.provider import ConstructResult, Provider
from pulumi.provider import main as serve

from components.checks import InvalidArgument
from components.component import camel
from components.naming import NameProblem
from components.package.catalogue import catalogue
from components.package.inputs import arguments
from components.package.schema import VERSION, schema


class ComponentServer(Provider):
    """Builds components for programs that run elsewhere, in whatever language.

    Tokens are the components' own, so a component has the same type in every language.
    """

    def __init__(self) -> None:
        self._schema = schema()
        super().__init__(VERSION, json.dumps(self._schema))
        self._entries = catalogue()

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Build a component; the engine shows what is wrong with its arguments in one line.

        Raises:
            InputPropertiesError: no such component, or arguments that it refuses.
        """
        if resource_type not in self._schema["resources"]:
            known = ", ".join(self._schema["resources"])
            raise _refused(f"there is no such component: use one of {known}")
        entry = self._entries[resource_type]
        try:
            built = entry.component(name, arguments(entry.arguments, inputs), options)  # pyright: ignore[reportCallIssue]
        except (InvalidArgument, NameProblem) as problem:
            raise _refused(str(problem)) from None
        outputs = {camel(one): getattr(built, one) for one in entry.component.output_names()}
        return ConstructResult(built.urn, outputs)


def _refused(message: str) -> pulumi.InputPropertiesError:
    """What the engine shows as one line: `… resource 'orders' has a problem: <message>`.

    Without an error for each property: the engine would print the value next to it, secret or not.
    """
    return pulumi.InputPropertiesError(message, [])


def main(arguments_of_plugin: Sequence[str]) -> None:
    """Serve until the engine goes."""
    serve(ComponentServer(), list(arguments_of_plugin))
