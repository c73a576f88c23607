"""Runs a Lambda function's Python code as it is in its zip, in a process of its own.

What it has of AWS: handler and event, environment, credentials, region and endpoint, a context, the time
limit, the error as the caller sees it. What it has not: other languages, layers, the memory limit, a VPC.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOG_LIMIT = 4096  # bytes of the log's end that an answer carries, as on AWS

# Runs in the new process: import the handler from the zip's folder, call it, write the answer to a file.
_BOOTSTRAP = """
import importlib, json, logging, sys, time, types
folder, handler, answer, facts = sys.argv[1:5]
sys.path.insert(0, folder)
logging.basicConfig(level=logging.INFO, format="[%(levelname)s] %(message)s")
facts = json.loads(facts)
ends = time.monotonic() + facts.pop("seconds")
context = types.SimpleNamespace(
    **facts, get_remaining_time_in_millis=lambda: max(0, int((ends - time.monotonic()) * 1000)))
try:
    module, _, name = handler.rpartition(".")
    call = getattr(importlib.import_module(module.replace("/", ".")), name)
    result = {"result": json.dumps(call(json.load(sys.stdin), context))}
except BaseException as error:
    result = {"error": {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []}}
with open(answer, "w") as file:
    json.dump(result, file)
"""


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to: `payload` is JSON, of the error when `failed`."""

    payload: str
    failed: bool
    log: str

    @property
    def message(self) -> str:
        """The error's message; empty when there is none."""
        return str(json.loads(self.payload).get("errorMessage", "")) if self.failed else ""

    @property
    def log_tail(self) -> str:
        """The end of the log in base64."""
        return base64.b64encode(self.log.encode()[-_LOG_LIMIT:]).decode()


def run(function: Any, event: str, endpoint: str) -> Outcome:
    """Run moto's `function` with an event (JSON) against the AWS server at `endpoint`."""
    if not str(function.run_time or "").startswith("python"):
        return _error(
            "Runtime.Unsupported", f"the local cloud runs Python functions, not {function.run_time}"
        )
    with tempfile.TemporaryDirectory(prefix="understudy-lambda-") as place:
        code, answer = Path(place, "task"), Path(place, "answer.json")
        try:
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                archive.extractall(code)
        except (zipfile.BadZipFile, OSError):
            return _error("Runtime.InvalidZip", "the function's code is no zip")
        facts = {
            "aws_request_id": hashlib.sha256(os.urandom(16)).hexdigest()[:32],
            "function_name": function.function_name,
            "function_version": str(function.version),
            "invoked_function_arn": function.function_arn,
            "log_group_name": function.logs_group_name,
            "memory_limit_in_mb": str(function.memory_size),
            "seconds": function.timeout,
        }
        command = [sys.executable, "-I", "-c", _BOOTSTRAP, str(code), function.handler, str(answer)]
        try:
            done = subprocess.run(
                [*command, json.dumps(facts)],
                input=event or "{}",
                env=_environment(function, endpoint, place),
                cwd=code,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=function.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            written = late.output.decode("utf-8", "replace") if isinstance(late.output, bytes) else ""
            return _error("Sandbox.Timedout", f"Task timed out after {function.timeout} seconds", written)
        try:
            result: Mapping[str, Any] = json.loads(answer.read_text())
        except (OSError, ValueError):
            return _error("Runtime.ExitError", f"Runtime exited with status {done.returncode}", done.stdout)
    if "error" in result:
        return Outcome(json.dumps(result["error"]), failed=True, log=done.stdout)
    return Outcome(result["result"], failed=False, log=done.stdout)


def _environment(function: Any, endpoint: str, place: str) -> dict[str, str]:
    """The variables that Lambda sets, over the function's own; nothing else of this process."""
    return {
        **{name: str(value) for name, value in (function.environment_vars or {}).items()},
        "AWS_ACCESS_KEY_ID": "understudy",
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_REGION": function.region,
        "AWS_SECRET_ACCESS_KEY": "understudy",
        "HOME": place,
        "LAMBDA_TASK_ROOT": str(Path(place, "task")),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "TMPDIR": place,
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }


def _error(kind: str, message: str, log: str = "") -> Outcome:
    return Outcome(json.dumps({"errorMessage": message, "errorType": kind}), failed=True, log=log)
