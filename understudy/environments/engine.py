"""The engine as this package uses it: a stack of the program, driven through the Automation API."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from understudy.environments.command import EngineCommand
from understudy.environments.events import Progress
from understudy.environments.faults import (
    EngineError,
    PassphraseError,
    explain,
    first,
    is_passphrase_mismatch,
)
from understudy.errors import InvalidInputError, UnderstudyError

PROJECT_FILE = "Pulumi.yaml"
PASSPHRASE_VARIABLE = "PULUMI_CONFIG_PASSPHRASE_FILE"  # noqa: S105 - a name

Watch = Callable[[Progress], None]


@dataclass(frozen=True)
class Result:
    """How an update ended. `seconds` is wall-clock time of the engine."""

    changes: dict[str, int]
    seconds: float
    progress: Progress
    outputs: dict[str, Any] = field(default_factory=dict)


def project_folder(start: Path) -> Path:
    """Return the folder of the project that `start` lies in; raise InvalidInputError when there is none."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise InvalidInputError(f"no {PROJECT_FILE} in {start} or above it; run this inside the project")


class Stack:
    """One stack of the project in `folder`, in the backend that `variables` name."""

    def __init__(self, stack: auto.Stack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self.name = stack.name

    @classmethod
    def open(
        cls,
        folder: Path,
        name: str,
        variables: Mapping[str, str],
        *,
        create: bool,
        on_cancel: Callable[[], None] = lambda: None,
    ) -> Stack:
        """Select the stack `name`, or create it if `create`; raise InvalidInputError when it is not there.

        `on_cancel` is called when the user cancels and the engine still has to end what it began.
        """
        with _engine_on_path(variables), _explained(name, variables.get(PASSPHRASE_VARIABLE, "")):
            workspace = auto.LocalWorkspace(
                work_dir=str(folder), env_vars=dict(variables), pulumi_command=EngineCommand(on_cancel)
            )
            chosen = _LeanStack.create_or_select if create else _LeanStack.select
            return cls(chosen(name, workspace), folder)

    def up(
        self,
        watch: Watch,
        *,
        refresh: bool = False,
        parallel: int | None = None,
        target: list[str] | None = None,
    ) -> Result:
        """Bring the stack to what the program says. `refresh` first looks at what is really there.

        `target`: URNs of the only resources to touch; all when left out.
        """
        with self._explained():
            return self._run(
                watch,
                lambda on_event: self._stack.up(
                    on_event=on_event,
                    refresh=refresh or None,
                    parallel=parallel,
                    target=target,
                    show_secrets=False,
                    suppress_progress=True,
                    suppress_outputs=True,
                    color="never",
                ),
            )

    def refresh(self, watch: Watch) -> Result:
        """Compare the state with what is really there, and correct the state."""
        with self._explained():
            return self._run(
                watch,
                lambda on_event: self._stack.refresh(
                    on_event=on_event, show_secrets=False, suppress_progress=True, color="never"
                ),
            )

    def destroy(self, watch: Watch) -> Result:
        """Remove every resource of the stack."""
        with self._explained():
            return self._run(
                watch,
                lambda on_event: self._stack.destroy(
                    on_event=on_event, show_secrets=False, suppress_progress=True, color="never"
                ),
            )

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secret ones included."""
        with self._explained():
            return {name: output.value for name, output in self._stack.outputs().items()}

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources of the state, properties encrypted where they are secret."""
        with self._explained():
            deployment = self._stack.export_stack().deployment or {}
            return list(deployment.get("resources") or [])

    def forget_pending(self) -> None:
        """Take the operations out of the state that a killed update did not end; see `interrupted`."""
        with self._explained():
            state = self._stack.export_stack()
            kept = {
                key: part for key, part in (state.deployment or {}).items() if key != "pending_operations"
            }
            self._stack.import_stack(auto.Deployment(version=state.version, deployment=kept))

    def remove(self, *, keep_file: bool = False) -> None:
        """Drop the (empty) stack, and its configuration file unless `keep_file`."""
        with self._explained():
            self._stack.workspace.remove_stack(self.name, preserve_config=keep_file)

    def set_config(self, values: Mapping[str, str]) -> None:
        """Write plain configuration values of the stack."""
        with self._explained():
            self._stack.set_all_config({key: auto.ConfigValue(value) for key, value in values.items()})

    def _explained(self) -> AbstractContextManager[None]:
        return _explained(self.name, self._stack.workspace.env_vars.get(PASSPHRASE_VARIABLE, ""))

    def _run(self, watch: Watch, action: Callable[[Callable[[Any], None]], Any]) -> Result:
        progress = Progress()
        started = time.monotonic()

        def on_event(event: Any) -> None:
            progress.feed(event, time.monotonic())
            watch(progress)

        try:
            answer = action(on_event)
        except auto.errors.CommandError as error:
            if progress.problems:
                raise EngineError(first(progress.problems), progress.problems) from error
            raise
        outputs = {name: output.value for name, output in getattr(answer, "outputs", {}).items()}
        return Result(progress.changes, time.monotonic() - started, progress, outputs)


class _LeanStack(auto.Stack):
    """Asks the engine for no more than is used: every question starts it anew, which takes half a second."""

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:
        """Return no history: what changed is known from the events."""
        return _NO_SUMMARY

    def outputs(self) -> auto.OutputMap:
        """Return the outputs, all marked secret: telling which ones are takes a second question."""
        answer = self.workspace.pulumi_command.run(
            ["stack", "output", "--json", "--show-secrets", "--stack", self.name],
            self.workspace.work_dir,
            dict(self.workspace.env_vars),
        )
        values: dict[str, Any] = json.loads(answer.stdout)
        return {name: auto.OutputValue(value, secret=True) for name, value in values.items()}


_NO_SUMMARY = auto.UpdateSummary(
    kind="update", start_time=datetime.min, message="", environment={}, config={}, result="succeeded"
)


@contextmanager
def _engine_on_path(variables: Mapping[str, str]) -> Iterator[None]:
    """The Automation API looks the engine up on this process's own PATH."""
    if "PATH" in variables:
        os.environ["PATH"] = variables["PATH"]
    yield


@contextmanager
def _explained(stack: str, passphrase_file: str = "") -> Iterator[None]:
    """Turn the Automation API's errors into one line each."""
    try:
        yield
    except auto.errors.StackNotFoundError:
        raise InvalidInputError(
            f"there is no environment {stack!r}; `make up STACK={stack}` creates it"
        ) from None
    except auto.errors.ConcurrentUpdateError:
        raise UnderstudyError(
            f"{stack}: another update is running; wait for it, or end it with `pulumi cancel --stack {stack}`"
        ) from None
    except auto.errors.CommandError as error:
        if is_passphrase_mismatch(str(error)):
            raise PassphraseError(stack, passphrase_file) from None
        raise EngineError(f"{stack}: {explain(str(error))}") from error
    except FileNotFoundError as error:
        raise UnderstudyError(
            f"the engine is not there ({error.filename}); run `understudy local up`"
        ) from None
