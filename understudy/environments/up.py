"""Bringing an environment up: local cloud, images, resources, one order through it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from components import naming
from components.naming import NameProblem, parse_stack_name
from localcloud.options import Options
from understudy.environments import interrupted, local, program, stackfile
from understudy.environments.checkpoint import remove_partial, restore_torn
from understudy.environments.engine import EngineError, Result, Stack, Watch
from understudy.environments.faults import PassphraseError
from understudy.environments.locks import clear_stranded, locks
from understudy.environments.outputs import Outputs
from understudy.environments.record import Records
from understudy.errors import InvalidInputError
from understudy.progress import Progress, Say
from understudy.smoke import Smoke, SmokeResult

PROJECT = "understudy"

# Creations wait on servers and pods, not on this machine's cores: more at once than the engine's default.
PARALLEL = 32

_STAMP = "%Y-%m-%dT%H:%M:%SZ"

# boto3 reads these from this process's environment.
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True)
class Environment:
    """An environment that is up. `rebuilt` is True when AWS had forgotten it and it was made again."""

    name: str
    outputs: Outputs
    update: Result
    smoke: SmokeResult | None
    place: local.Place
    rebuilt: bool


def environment_name(text: str) -> str:
    """Return `text` if it can name an environment; raise InvalidInputError that says what to use instead."""
    if "/" in text:
        # To the engine this is a stack of an organisation: a branch's name would lose all but its last part.
        raise InvalidInputError(
            f"environment name {text!r} has a slash in it; use {naming.environment_name(text)!r}"
        )
    try:
        return parse_stack_name(text)
    except NameProblem as problem:
        raise InvalidInputError(str(problem)) from None


def up(project: Path, name: str, options: Options, progress: Progress, *, smoke: bool = True) -> Environment:
    """Bring the environment `name` of the project in folder `project` up, and prove it with one order.

    Every step may be repeated: what an earlier run did is kept, what it left half done is finished.
    """
    name = environment_name(name)
    # Wrong settings are told at once, not after servers, images and half of the resources.
    wanted = program.resolve(project, name).settings
    place = local.bring_up(options, progress)
    local.put_images(place, project, progress)
    with progress.step("stack") as say:
        for lock in clear_stranded(place.state, PROJECT, name):
            say(f"removed the lock of process {lock.pid}, which ended without doing so")
        if _mended(place, name):
            say("took the state before the last change: the latest one was cut short")
        stack, created = _open(project, name, place, _cancelling(progress))
        if created and wanted.profile.ttl_hours is not None:
            stack.set_config(life(wanted.profile.ttl_hours, datetime.now(UTC)))
        if interrupted.pending_creates(place.state, PROJECT, name):
            stack.forget_pending()
    records = Records(place.data)
    if created:
        records.deployed(name, place.cloud.generation)
    deployed_to = records.generation(name)
    forgotten = deployed_to != place.cloud.generation
    if deployed_to is None:
        progress.note(f"{name} was not deployed by this command before: looking at what is there first")
    elif forgotten:
        progress.note(
            f"AWS was started anew since {name} was deployed: looking for what is gone, making it again"
        )
    with progress.step("resources") as say:
        result = stack.up(_shown(progress, say), refresh=forgotten, parallel=PARALLEL)
    records.deployed(name, place.cloud.generation)
    outputs = Outputs.of(result.outputs)
    tested = None
    if smoke:
        with progress.step("smoke test"):
            tested = _smoke(outputs, place).run()
    return Environment(name, outputs, result, tested, place, rebuilt=forgotten)


def life(hours: int, now: datetime) -> dict[str, str]:
    """Return the configuration that says when a new environment was made, and when it may go.

    >>> life(72, datetime(2026, 11, 24, 12, tzinfo=UTC))["understudy:expiresAt"]
    '2026-11-27T12:00:00Z'
    """
    ends = now + timedelta(hours=hours)
    return {"understudy:createdAt": f"{now:{_STAMP}}", "understudy:expiresAt": f"{ends:{_STAMP}}"}


def down(project: Path, name: str, progress: Progress) -> Result:
    """Destroy the environment `name` and drop its stack."""
    name = environment_name(name)
    place = local.current()
    with progress.step("stack"):
        clear_stranded(place.state, PROJECT, name)
        _mended(place, name)
        stack = Stack.open(project, name, place.variables, create=False, on_cancel=_cancelling(progress))
    _take_back(stack, place, progress)
    with progress.step("resources") as say:
        result = stack.destroy(_shown(progress, say))
        lasting = name in naming.RESERVED_ENVIRONMENTS
        stack.remove(keep_file=lasting)
        if lasting:
            # The file is the project's own; the salt was for the state that is gone.
            stackfile.drop_salt(project, name)
    Records(place.data).forget(name)
    return result


def _mended(place: local.Place, name: str) -> bool:
    """Clear away what a killed engine had half written; tell whether an earlier state was put back."""
    if locks(place.state, PROJECT, name):
        return False
    remove_partial(place.state, PROJECT, name)
    return restore_torn(place.state, PROJECT, name)


def _take_back(stack: Stack, place: local.Place, progress: Progress) -> None:
    """Let the state know of everything that a killed update made, so that a destroy finds it."""
    journal = place.data / "journal"
    if not journal.is_dir() or not any(journal.glob("*/*.json")):
        return
    lost = interrupted.lost_creates(journal, stack.name, stack.resources())
    if not lost:
        return
    progress.note(f"an update was cut short while it created {len(lost)} resources: taking them back first")
    try:
        with progress.step("interrupted creations") as say:
            stack.up(_shown(progress, say), target=lost)
    except EngineError as error:
        # The program may not get to its end with a part of its resources; what counts is what is lost still.
        left = interrupted.lost_creates(journal, stack.name, stack.resources())
        if left:
            names = ", ".join(urn.rsplit("::", 1)[-1] for urn in left)
            progress.note(f"may be left: {names} ({error}); `understudy up {stack.name}` removes them")


def _smoke(outputs: Outputs, place: local.Place) -> Smoke:
    os.environ.update({name: place.variables[name] for name in _CREDENTIALS})
    return Smoke.of(asdict(outputs), outputs.region, place.cloud.endpoint_url)


def _open(project: Path, name: str, place: local.Place, on_cancel: Callable[[], None]) -> tuple[Stack, bool]:
    def opened(*, create: bool) -> Stack:
        return Stack.open(project, name, place.variables, create=create, on_cancel=on_cancel)

    try:
        return opened(create=False), False
    except InvalidInputError:
        pass
    try:
        return opened(create=True), True
    except PassphraseError:
        # The file of an earlier environment of this name, whose state is gone with its passphrase.
        if not stackfile.drop_salt(project, name):
            raise
        return opened(create=True), True


def _cancelling(progress: Progress) -> Callable[[], None]:
    return lambda: progress.note("cancelling: ending what has begun (Ctrl-C again stops at once)")


def _shown(progress: Progress, say: Say) -> Watch:
    pulse = progress.pulse(say)
    return lambda update: pulse(update.status())
