"""The four steps of a rotation. Each may be called any number of times, and again after any later one.

The two users take turns: while a client still logs in as the one that the current version names, the other
gets a new password. The version before the last one therefore stays valid until the next rotation; a client
that re-reads the secret at least once between two rotations is never refused.
"""

from __future__ import annotations

from collections.abc import Callable

from rotation import postgres
from rotation.credentials import Credentials, alternate
from rotation.errors import RotationError
from rotation.vault import Vault


class Rotation:
    """Rotates secrets of one database, with the help of the secret `admin` of its master user."""

    def __init__(self, vault: Vault, admin: str) -> None:
        self._vault = vault
        self._admin = admin

    def run(self, step: str, secret: str, token: str) -> None:
        """Do one step. It does nothing when the version is the current one already."""
        steps: dict[str, Callable[[str, str], None]] = {
            "createSecret": self.create,
            "setSecret": self.set,
            "testSecret": self.test,
            "finishSecret": self.finish,
        }
        if step not in steps:
            raise RotationError("the step is none of " + ", ".join(steps))
        if self._vault.needs_work(secret, token):
            steps[step](secret, token)

    def create(self, secret: str, token: str) -> None:
        """Store the next version: the other user, and a new password."""
        if self._vault.pending(secret, token) is None:
            self._vault.propose(secret, token, self._vault.current(secret).next())

    def set(self, secret: str, token: str) -> None:
        """Make the database accept the next version."""
        pending = self._pending(secret, token)
        if postgres.accepts(pending):
            return
        admin = self._vault.current(self._admin)
        if not admin.same_place(pending):
            raise RotationError("the administrator's secret is of another database")
        postgres.let_in(admin, pending)

    def test(self, secret: str, token: str) -> None:
        """Log in as the next version says."""
        if not postgres.accepts(self._pending(secret, token)):
            raise RotationError("the database refuses the pending version")

    def finish(self, secret: str, token: str) -> None:
        """Make the next version the current one."""
        self._pending(secret, token)
        self._vault.promote(secret, token)

    def _pending(self, secret: str, token: str) -> Credentials:
        """The next version. It must follow from the current one: a forged one sets no password anywhere."""
        pending, current = self._vault.pending(secret, token), self._vault.current(secret)
        if pending is None:
            raise RotationError("the pending version has no value; createSecret comes first")
        if not pending.same_place(current) or pending.username != alternate(current.username):
            raise RotationError(
                "the pending version does not follow from the current one; "
                "take AWSPENDING off it with update-secret-version-stage and rotate again"
            )
        return pending
