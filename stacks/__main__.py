"""The program: settings, then the topology, then its exports."""

import pulumi
from configuration import load
from topology import build

from components.checks import InvalidArgument

try:
    environment = build(load())
except InvalidArgument as problem:
    raise pulumi.RunError(str(problem)) from None
for key, value in environment.exports().items():
    pulumi.export(key, value)
