import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

# As the language host does for a program, and for the mocks that components and stacks share.
sys.path[:0] = [str(ROOT / "stacks"), str(ROOT / "tests" / "components")]
