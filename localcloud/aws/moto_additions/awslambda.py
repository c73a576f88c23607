"""Lambda: an invocation runs the function's code; what moto forgets of a function's configuration is kept.

Without Docker moto answers an invocation with its own event, and an update of a function's key, tracing or
storage changes nothing.
"""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.awslambda_simple.models import LambdaSimpleBackend

from localcloud.aws.moto_additions import lambda_runner


def install(endpoint: str) -> None:
    """Let functions run, with the AWS server at `endpoint` as theirs."""

    def invoke(
        self: LambdaSimpleBackend,
        function_name: str,
        qualifier: str | None,
        body: Any,
        headers: Any,
        response_headers: Any,
    ) -> bytes:
        function = self.get_function(function_name, qualifier)
        event = body.decode() if isinstance(body, bytes) else body
        outcome = lambda_runner.run(function, event, endpoint)
        function.logs_backend.ensure_log_group(function.logs_group_name)
        function.save_logs(outcome.log)
        response_headers["x-amz-log-result"] = outcome.log_tail
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        payload = outcome.payload.encode()
        response_headers["Content-Length"] = str(len(payload))
        return payload

    LambdaSimpleBackend.invoke = invoke
    original = LambdaFunction.update_configuration
    if hasattr(original, "__wrapped__"):
        return

    def update_configuration(self: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
        original(self, config_updates)
        if "KMSKeyArn" in config_updates:
            self.kms_key_arn = config_updates["KMSKeyArn"] or None
        if "TracingConfig" in config_updates:
            self.tracing_config = config_updates["TracingConfig"]
        if "EphemeralStorage" in config_updates:
            self.ephemeral_storage = config_updates["EphemeralStorage"]["Size"]
        return self.get_configuration()

    update_configuration.__wrapped__ = original  # pyright: ignore[reportFunctionMemberAccess]
    LambdaFunction.update_configuration = update_configuration
