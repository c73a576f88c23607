"""The SDK's protocol messages and stubs, without the SDK.

``import pulumi`` runs all of the SDK: 0.4 s and 10 MiB that a language host or plugin has no use for. The
generated modules below it need only gRPC and protobuf, so their packages are entered here as bare folders.
This is for the processes of language host and plugins; a program's process imports the real SDK.
"""

import importlib
import importlib.util
import sys
from types import ModuleType

__all__ = ["proto", "without_sdk"]

_PACKAGES = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto")


def proto(name: str) -> ModuleType:
    """Return a generated module such as ``language_pb2``.

    Where this process has imported the real SDK already (tests do), its modules are used.
    """
    without_sdk()
    return importlib.import_module(f"pulumi.runtime.proto.{name}")


def without_sdk() -> None:
    """Let this process import ``pulumi.runtime.proto`` without the SDK; the SDK itself can't be used then.

    Does nothing where the real SDK is there already.
    """
    if "pulumi" in sys.modules:
        return
    spec = importlib.util.find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("the Pulumi SDK is not installed in the language host's Python")
    folder = spec.submodule_search_locations[0]
    for package in _PACKAGES:
        module = ModuleType(package)
        module.__path__ = ["/".join([folder, *package.split(".")[1:]])]
        sys.modules[package] = module
