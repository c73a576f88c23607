"""The command ``understudy``: its groups, how errors are shown and with which code it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version as installed_version

import typer

from localcloud.errors import LocalCloudError
from understudy.cli import env, environment, local, show
from understudy.errors import UnderstudyError
from understudy.masking import mask

OK, FAILED, INVALID, CANCELLED = 0, 1, 2, 130
DEBUG_VARIABLE = "UNDERSTUDY_DEBUG"

app = typer.Typer(
    name="understudy",
    help="A faithful copy of production for every branch, offline on one machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(local.app, name="local")
app.command("up")(environment.up)
app.command("down")(environment.down)
app.command("show")(show.show)
app.command("env")(env.show)


@app.command("version")
def show_version() -> None:
    """Print the version."""
    typer.echo(installed_version("understudy"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises, never shows a traceback unasked.

    ``--debug``, anywhere before a lone ``--``, or $UNDERSTUDY_DEBUG shows tracebacks and details.
    """
    arguments, debug = _without_debug(list(sys.argv[1:] if argv is None else argv))
    debug = debug or os.environ.get(DEBUG_VARIABLE, "") not in ("", "0")
    try:
        answer = app(arguments, prog_name="understudy", standalone_mode=False)
        if answer == CANCELLED:  # Typer's own answer to Ctrl-C inside a command
            return _cancelled(last=argv is None)
        return answer if isinstance(answer, int) else OK
    except (KeyboardInterrupt, typer.Abort):
        return _cancelled(last=argv is None)
    except typer.Exit as stopped:
        return stopped.exit_code
    except BrokenPipeError:
        # The reader (head, less) has seen enough; nothing more may be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if debug:
            import traceback  # noqa: PLC0415

            sys.stderr.write(mask(traceback.format_exc()))
        _show(error, debug)
        return _exit_code(error)


def _cancelled(*, last: bool) -> int:
    if last:  # nothing comes after this: a second Ctrl-C must not change the exit code any more
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write("cancelled; the same command goes on from here\n")
    return CANCELLED


def _exit_code(error: Exception) -> int:
    if isinstance(error, LocalCloudError):
        return INVALID if error.invalid_input else FAILED
    code = getattr(error, "exit_code", FAILED)
    return code if isinstance(code, int) else FAILED


def _show(error: Exception, debug: bool) -> None:
    known = isinstance(error, LocalCloudError | UnderstudyError)
    if known:
        text = str(error)
    elif hasattr(error, "format_message"):  # wrong usage
        text = f"{error.format_message()} (see `understudy --help`)"  # pyright: ignore[reportAttributeAccessIssue]
    else:
        text = f"{type(error).__name__}: {error} (run again with --debug for more)"
    line = " ".join(mask(text).split())
    red, plain = ("\x1b[1;31m", "\x1b[0m") if sys.stderr.isatty() else ("", "")
    sys.stderr.write(f"{red}error:{plain} {line}\n")
    details = getattr(error, "details", "")
    if debug and details:
        sys.stderr.write(mask(str(details)) + "\n")


def _without_debug(arguments: list[str]) -> tuple[list[str], bool]:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [argument for argument in arguments[:end] if argument != "--debug"]
    return [*kept, *arguments[end:]], len(kept) < end
