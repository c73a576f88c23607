import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# As the language host does for a program, and for the mocks that components and stacks share.
sys.path[:0] = [str(ROOT / "stacks"), str(ROOT / "tests" / "components")]


@pytest.fixture(autouse=True)
def _quiet_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer's shell, or another test of this process, tells of AWS is no part of a setting."""
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
