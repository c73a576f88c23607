"""Which components there are."""

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any

import components
from components.component import Component


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A component and the class of its arguments."""

    component: type[Component]
    arguments: type[Any]


def catalogue() -> dict[str, Entry]:
    """Every public component by its token, sorted: each class that a folder exports with its arguments."""
    found: dict[str, Entry] = {}
    for module_info in pkgutil.iter_modules(components.__path__):
        if not module_info.ispkg:
            continue
        module = importlib.import_module(f"{components.__name__}.{module_info.name}")
        exported: list[str] = getattr(module, "__all__", [])
        for name in exported:
            component = getattr(module, name)
            if f"{name}Args" in exported and issubclass(component, Component):
                found[component.token] = Entry(component=component, arguments=getattr(module, f"{name}Args"))
    return dict(sorted(found.items()))
