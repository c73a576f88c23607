"""Measures speed and memory: ``python -m benchmarks [NAME…]``; without names, everything.

Prints a table and writes ``build/benchmarks.json``; a whole run also rewrites the figures of
``docs/performance.md``. Uses a local cloud of its own, removed at the end. Exit
codes: 0 all targets met, 1 a target missed or a benchmark failed, 2 no such benchmark.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks import creation, environment, memory, plugins, previews, start
from benchmarks.figures import Figure, machine, put_into_page, table, write
from benchmarks.place import ROOT, Place, scratch

BENCHMARKS: dict[str, Callable[[Place], list[Figure]]] = {
    "start": start.measure,
    "environment": environment.measure,
    "memory": memory.measure,
    "plugins": plugins.measure,
    "previews": previews.measure,
    "creation": creation.measure,
}
"""By name, in the order in which they run. `start` finds nothing running and is always the first."""

RESULT = ROOT / "build" / "benchmarks.json"
PAGE = ROOT / "docs" / "performance.md"


def main(names: list[str]) -> int:
    """Run the benchmarks of these names."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"error: no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    wanted = [name for name in BENCHMARKS if name == "start" or not names or name in names]
    figures: list[Figure] = []
    failed = False
    with scratch() as place:
        for name in wanted:
            print(f"• {name}", file=sys.stderr, flush=True)
            try:
                found = BENCHMARKS[name](place)
            except Exception as problem:  # the others are worth measuring all the same
                failed = True
                print(f"error: {name}: {type(problem).__name__}: {problem}", file=sys.stderr)
                if name == "start":
                    break
                continue
            for each in found:
                print(f"  {each.name}: {each.value:.1f} {each.unit} {each.note}", file=sys.stderr, flush=True)
            figures += found
    seen = machine()
    write(RESULT, figures, seen)
    if not names and not failed:
        put_into_page(PAGE, figures, seen)
    print(", ".join(f"{name} {value}" for name, value in seen.items()))
    print()
    print(table(figures))
    return 1 if failed or not all(each.good for each in figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
