"""Runs one program, policy pack or plugin: ``python child.py <control descriptor> <mode>``.

This file is started by the language host with the *program's* Python, in which nothing of this project need
be installed: it imports the standard library and that Python's Pulumi SDK only.

The first line on the control descriptor is a JSON object that says what to run. The end of the descriptor
means "stop": the host has been told to cancel, or is gone. Modes:

* ``program``: a Pulumi program, connected to the engine.
* ``policy``: a policy pack, with the stack's configuration set.
* ``path``: a folder or file with a plugin.
* ``module``: a module with a plugin.

Exit codes of a program are those of the official host: 0, 32 for an error that was reported, others that the
program chose; 130 when it was stopped.
"""

import asyncio
import contextlib
import gc
import inspect
import io
import json
import logging
import os
import runpy
import signal
import sys
import sysconfig
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_REPORTED = 32
_STOPPED = 130
_GRACE_SECONDS = 4.0
# Objects that are made between two looks for garbage. Importing the SDKs makes hundreds of thousands that all
# stay: at the interpreter's own 700, looking at them again and again is a fifth of a program's time.
_COLLECT_AFTER = 50_000


def main():
    """Read what to run, run it, and end the process with its exit code."""
    control, mode = int(sys.argv[1]), sys.argv[2]
    os.set_inheritable(control, False)
    # Started in the background, a process may have been told to ignore interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # This file's folder is no place that a program imports from.
    del sys.path[0]
    try:
        if mode == "program":
            gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
            # While the engine is still busy with other things: it is the slowest part of the start.
            _import_sdk()
        line = _first_line(control)
        if line is None:
            return _STOPPED
        threading.Thread(target=_stop_at_end, args=(control,), daemon=True).start()
        return _MODES[mode](json.loads(line))
    except KeyboardInterrupt:
        _stop()
    finally:
        _flush()


def _first_line(descriptor):
    data = b""
    while b"\n" not in data:
        chunk = os.read(descriptor, 65536)
        if not chunk:
            return None
        data += chunk
    return data.partition(b"\n")[0]


def _stop_at_end(descriptor):
    """Wait for the control descriptor's end; then interrupt the main thread, and soon end the process."""
    while os.read(descriptor, 4096):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_GRACE_SECONDS)
    if os.getpgrp() == os.getpid():
        # What the program started goes with it.
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(_STOPPED)


def _stop():
    """End the process at once: threads that wait for the engine would keep a normal exit waiting."""
    _flush()
    os._exit(_STOPPED)


def _flush():
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def _import_sdk():
    try:
        import pulumi.runtime  # noqa: PLC0415 - only two of the modes need it
    except ImportError:
        traceback.print_exc()
        sys.stderr.write(
            f"\nIt looks like the Pulumi SDK has not been installed in {sys.prefix}.\n"
            "Install the program's dependencies with `pulumi install` or pip.\n"
        )
        _flush()
        os._exit(1)
    return pulumi


def _run_program(request):

    pulumi = _import_sdk()
    pulumi.runtime.set_all_config(request["config"], request["config_secret_keys"])
    known = inspect.signature(pulumi.runtime.Settings.__init__).parameters
    wanted = {
        "monitor": request["monitor"],
        "engine": request["engine"],
        "project": request["project"],
        "stack": request["stack"],
        "parallel": request["parallel"],
        "dry_run": request["dry_run"],
        "organization": request["organization"],
        "root_directory": request["root_directory"],
    }
    pulumi.runtime.configure(
        pulumi.runtime.Settings(**{name: value for name, value in wanted.items() if name in known})
    )
    program = request["program"]
    sys.argv = [program, *request["args"]]
    # A line that the program prints is shown when it is printed, not when the program ends.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)
    # A program that failed leaves unfinished tasks; asyncio's warnings about them say nothing to its author.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    location = Path(program).absolute()
    main_file = location if location.suffix else location / "__main__.py"
    if not main_file.exists():
        pulumi.log.error(f"unable to find main python program `{main_file.name}` in `{location}`")
        return _REPORTED
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(request["parallel"], 1) * 4)
    loop.set_default_executor(executor)

    def run():
        try:
            runpy.run_path(program, run_name="__main__")
        except KeyboardInterrupt:
            # The program has unwound. The SDK would now wait for an engine that waits for this process.
            _stop()

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
    except pulumi.RunError as error:
        # The official host answers 1 here, and the engine adds a second error that says nothing.
        pulumi.log.error(str(error))
        code = _REPORTED
    except Exception as error:
        pulumi.log.error("Program failed with an unhandled exception:\n" + _user_traceback(error, main_file))
        code = _REPORTED
    else:
        code = 0
    executor.shutdown(wait=True)
    loop.close()
    return code


def _user_traceback(error, main_file):
    """Format the exception without the frames between this file and the program's own first line."""
    frames = traceback.extract_tb(error.__traceback__)
    starts = (index for index, frame in enumerate(frames) if Path(frame.filename).absolute() == main_file)
    own = (index for index, frame in enumerate(frames) if not _is_machinery(frame.filename))
    first = next(starts, next(own, None))
    if first is None:
        # No line of the author's is in it: the program did not compile, or what it asked a provider for was
        # refused after its last line had run. The error itself says where.
        return "".join(traceback.format_exception_only(type(error), error))
    return "".join(
        traceback.format_exception(type(error), error, error.__traceback__, limit=first - len(frames))
    )


def _is_machinery(filename):
    """Tell whether a file is this one, the SDK's or the standard library's."""
    path = Path(filename)
    sdk = Path(sys.modules["pulumi"].__file__ or "").parent
    library = path.is_relative_to(sysconfig.get_path("stdlib")) and not {"site-packages", "dist-packages"} & {
        *path.parts
    }
    return library or path.is_relative_to(sdk) or path == Path(__file__) or filename.startswith("<frozen ")


def _run_policy(request):

    pulumi = _import_sdk()
    settings = request["stack"]
    if settings is not None:
        for key, value in settings["config"].items():
            pulumi.runtime.set_config(key, value)
        pulumi.runtime.configure(
            pulumi.runtime.Settings(
                project=settings["project"],
                stack=settings["stack"],
                dry_run=settings["dry_run"],
                organization=settings["organization"] or "organization",
            )
        )
    sys.argv = [request["program"], *request["args"]]
    try:
        runpy.run_path(request["program"], run_name="__main__")
    except Exception:
        sys.stderr.write("Policy pack failed with an unhandled exception:\n" + traceback.format_exc())
        return 1
    return 0


def _run_path(request):

    sys.argv = [request["program"], *request["args"]]
    runpy.run_path(request["program"], run_name="__main__")
    return 0


def _run_module(request):

    sys.argv = [request["program"], *request["args"]]
    runpy.run_module(request["program"], run_name="__main__", alter_sys=True)
    return 0


_MODES = {"program": _run_program, "policy": _run_policy, "path": _run_path, "module": _run_module}

if __name__ == "__main__":
    sys.exit(main())
