"""Jobs side by side."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from localcloud.parallel import run_together


def test_results_by_name():
    assert run_together({"a": lambda: 1, "b": lambda: 2}) == {"a": 1, "b": 2}


def test_the_others_are_finished_and_the_first_error_is_raised():
    done = []

    def fail() -> None:
        raise ValueError("first")

    def slow() -> None:
        time.sleep(0.2)
        done.append("slow")

    with pytest.raises(ValueError, match="first"):
        run_together({"a": fail, "b": slow})
    assert done == ["slow"]


def test_an_interrupt_reaches_programs_but_not_daemons():
    code = (
        "import os, signal, subprocess, threading\n"
        "from localcloud.parallel import run_together\n"
        "daemon = subprocess.Popen(['sleep', '30'], start_new_session=True)\n"
        "threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "try:\n    run_together({'a': lambda: subprocess.run(['sleep', '30'])})\n"
        "except KeyboardInterrupt:\n    print('cancelled', daemon.poll()); daemon.kill()\n"
    )
    begun = time.monotonic()
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.stdout == "cancelled None\n"
    assert time.monotonic() - begun < 10
