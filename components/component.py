"""What every component does the same way: its token, its tags, and how it registers its outputs."""

import inspect
import re
from typing import Any, ClassVar

import pulumi

TOKEN = re.compile(r"understudy:[a-z]+:[A-Z][A-Za-z]*")


class Component(pulumi.ComponentResource):
    """Base of all components.

    A subclass names its type token in `token`, makes its children with `self.child()` as their options and
    ends with `self.register()`. The caller's options go to the component alone; children inherit the
    providers through `parent`.
    """

    token: ClassVar[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(self.token, name, {}, opts)

    @property
    def label(self) -> str:
        """What the `component` tag says: `messaging.Queue` for `understudy:messaging:Queue`."""
        return self.token.removeprefix("understudy:").replace(":", ".")

    def child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: this component is its parent; `options` are such as `depends_on`."""
        return pulumi.ResourceOptions(parent=self, **options)

    @classmethod
    def output_names(cls) -> list[str]:
        """The names of the outputs: every attribute annotated as `pulumi.Output`, in the order written."""
        hints = inspect.get_annotations(cls)
        return [name for name, hint in hints.items() if getattr(hint, "__origin__", None) is pulumi.Output]

    def register(self) -> None:
        """Register every output, in the camel case that other languages read; call it once, last."""
        self.register_outputs({camel(name): getattr(self, name) for name in self.output_names()})


def camel(name: str) -> str:
    """A name as other languages write it: `visibilityTimeout` for `visibility_timeout`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
