"""Prints as JSON what is installed in the Python that runs it: ``python query.py plugins|all|direct``.

Started by the language host with the *program's* Python; it imports the standard library only.

* ``plugins``: the packages that bring a ``pulumi-plugin.json``, with its content, or whose name says that
  they are Pulumi packages. Folders are looked at, not imported, and metadata is read for these alone: this
  runs before every deployment.
* ``all``: name and version of every distribution.
* ``direct``: the same without those that another one requires.
"""

import importlib.metadata
import json
import re
import sys
from pathlib import Path

_MARKER = "pulumi-plugin.json"


def normalized(name):
    """Return the name as the package index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def plugins():
    """Return ``{"package", "version", "plugin"}`` of each Pulumi package on the path."""
    found = {}
    for folder in dict.fromkeys(sys.path):
        try:
            entries = sorted(Path(folder).iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.suffix == ".dist-info":
                name, _, version = entry.stem.partition("-")
                if normalized(name).startswith("pulumi-"):
                    found.setdefault(normalized(name), {"plugin": None})["version"] = version
                continue
            marker = entry / _MARKER
            if marker.is_file():
                package = found.setdefault(normalized(entry.name), {"version": ""})
                if not package.get("plugin"):
                    package["plugin"] = json.loads(marker.read_text(encoding="utf-8"))
    return [
        {
            "package": name,
            "version": found[name]["version"] or _version(name),
            "plugin": found[name]["plugin"],
        }
        for name in sorted(found)
    ]


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def distributions(*, transitive):
    """Return ``{"name", "version"}`` of the installed distributions."""
    versions, required = {}, set()
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            versions.setdefault(normalized(name), distribution.version)
        if not transitive:
            for requirement in distribution.requires or []:
                name = re.match(r"[A-Za-z0-9._-]+", requirement)
                if name and "extra ==" not in requirement:
                    required.add(normalized(name.group()))
    return [{"name": name, "version": versions[name]} for name in sorted(versions) if name not in required]


if __name__ == "__main__":
    # This file's folder is no place that packages are installed in.
    del sys.path[0]
    what = sys.argv[1]
    json.dump(plugins() if what == "plugins" else distributions(transitive=what == "all"), sys.stdout)
