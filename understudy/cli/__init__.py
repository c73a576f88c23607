"""The command line. One file per group of commands."""

from understudy.cli.main import main

__all__ = ["main"]
