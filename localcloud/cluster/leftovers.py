"""Looks for everything that a cluster could leave on a machine. It only looks."""

import json
import subprocess
from pathlib import Path

from localcloud.cluster import cgroups, processes
from localcloud.cluster.layout import Layout

__all__ = ["find", "mounts_below"]


def find(layout: Layout) -> list[str]:
    """Name every process, mount, device, route, namespace and control group of an instance.

    Args:
        layout: the instance's names and paths.

    Returns:
        One line each, such as ``"process 4711: containerd --config=…"``; none when all is gone.
    """
    pids = processes.of_node(layout.instance, layout.context)
    pids |= processes.naming(layout.instance, layout.cluster)
    found = [f"process {pid}: {processes.command_line(pid) or 'ending'}" for pid in sorted(pids)]
    table = Path("/proc/self/mountinfo").read_text()
    found += [f"mount {point}" for point in mounts_below(layout.cluster, table)]
    if Path(f"/sys/class/net/{layout.device}").exists():
        found.append(f"network device {layout.device}")
    found += [f"route to {destination} through {layout.device}" for destination in _routes(layout.device)]
    # The outermost ones only: what is below them goes with them.
    tops = (folder for folder in cgroups.groups(layout.context) if folder.name == layout.context)
    found += [f"control group {folder}" for folder in tops]
    return found


def mounts_below(folder: Path, table: str) -> list[str]:
    """Return the mount points at or below ``folder``.

    Args:
        folder: an absolute path.
        table: content of ``/proc/self/mountinfo``.
    """
    points = (_unescaped(line.split()[4]) for line in table.splitlines() if line.strip())
    resolved = folder.resolve()
    return [point for point in points if Path(point).is_relative_to(resolved)]


def _unescaped(point: str) -> str:
    # The kernel writes blanks and the like as three octal digits.
    return point.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in point else point


def _routes(device: str) -> list[str]:
    done = subprocess.run(
        ["ip", "-json", "route", "show", "table", "all", "dev", device],
        capture_output=True,
        text=True,
        check=False,
    )
    return (
        [str(route.get("dst")) for route in json.loads(done.stdout or "[]")] if done.returncode == 0 else []
    )
