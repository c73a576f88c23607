"""Serves the components to the engine, which starts this folder as a plugin."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # The engine's host puts this folder at the head of the path, where `secrets` would hide Python's own.
    _folder = Path(__file__).resolve().parent
    sys.path[:] = [str(_folder.parent), *(one for one in sys.path if Path(one or ".").resolve() != _folder)]

    from components.package.serve import main

    main(sys.argv[1:])
