"""What the folder of the project tells: git, and the images that were built last."""

import json
import subprocess
from pathlib import Path

from keys import SettingsProblem

IMAGES_FILE = Path("build/images.json")


def ask_git(root: Path, *command: str) -> str:
    """The one line that git prints; the empty text where there is no working copy or no git."""
    try:
        answer = subprocess.run(
            ["git", *command], cwd=root, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def built_images(root: Path) -> dict[str, str]:
    """The reference of each service's image of the last build; none when nothing was built yet.

    Raises:
        SettingsProblem: the file that the build wrote is damaged.
    """
    try:
        built = json.loads((root / IMAGES_FILE).read_text(encoding="utf-8"))
        return {str(name): str(entry["reference"]) for name, entry in built.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise SettingsProblem(f"{IMAGES_FILE} is damaged: build it again with `make images`") from None
