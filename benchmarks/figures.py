"""Figures: what was measured, against which target, on which machine."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.processes import load_average


@dataclass(frozen=True)
class Figure:
    """One measured value. `target` is the largest that is good; None where there is none."""

    name: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def good(self) -> bool:
        """Whether the target is met."""
        return self.target is None or self.value <= self.target


def middle(values: Iterable[float]) -> float:
    """Return the median, the lower one of two.

    >>> middle([3.0, 1.0, 2.0])
    2.0
    """
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2]


def spread(values: Iterable[float]) -> str:
    """Say which values a figure was taken from."""
    return "of " + ", ".join(f"{each:.1f}" for each in values)


def machine() -> dict[str, Any]:
    """Describe the machine and how busy it was."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3),
        "python": platform.python_version(),
        "load": round(load_average(), 1),
    }


def table(figures: list[Figure]) -> str:
    """Return the figures as a Markdown table.

    >>> print(table([Figure("a", 1.25, "s", 2)]))
    | what | measured | target | |
    |---|---:|---:|---|
    | a | 1.2 s | 2 s | |
    """
    lines = ["| what | measured | target | |", "|---|---:|---:|---|"]
    for each in figures:
        target = "" if each.target is None else f"{each.target:g} {each.unit}".rstrip()
        note = each.note if each.good else f"**missed** {each.note}".rstrip()
        measured = f"{each.value:.1f} {each.unit}".rstrip()
        lines.append(f"| {each.name} | {measured} | {target} | {note} |".replace("|  |", "| |"))
    return "\n".join(lines)


def write(path: Path, figures: list[Figure], seen: dict[str, Any]) -> None:
    """Write the figures for programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(each), "good": each.good} for each in figures]
    path.write_text(json.dumps({"machine": seen, "figures": rows}, indent=2) + "\n")


def put_into_page(page: Path, figures: list[Figure], seen: dict[str, Any]) -> None:
    """Replace the figures of a Markdown page, which stand between two marks."""
    begin, end = "<!-- figures -->\n", "<!-- /figures -->"
    text = page.read_text()
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    facts = (
        f"{seen['date']}: {seen['processor']}, {seen['cores']} cores, {seen['memory_gib']} GiB, "
        f"{seen['system']}, Python {seen['python']}; load average at the end {seen['load']}."
    )
    page.write_text(f"{before}{begin}\n{facts}\n\n{table(figures)}\n\n{end}{after}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )
