"""The code of the rotation function: its own modules, and the PostgreSQL driver as the lock file has it.

All of it is pure Python, so the archive is the same on every machine and runs on every architecture.
"""

from importlib.metadata import Distribution, distribution
from pathlib import Path

import pulumi

SOURCE = Path(__file__).parents[1] / "services" / "rotation"
PACKAGES = ("pg8000", "scramp", "asn1crypto", "python-dateutil", "six")
"""The driver and what it needs; boto3 is part of Lambda's runtime."""


def rotation_code() -> pulumi.AssetArchive:
    """The archive that `secrets.Rotation` takes as its code; its handler is `rotation.handler.handle`."""
    files = {path.relative_to(SOURCE).as_posix(): path for path in sorted(SOURCE.rglob("*.py"))}
    for name in PACKAGES:
        files |= _modules(distribution(name))
    return pulumi.AssetArchive({name: pulumi.FileAsset(str(path)) for name, path in sorted(files.items())})


def _modules(package: Distribution) -> dict[str, Path]:
    """What runs of a package, and the metadata that it reads its own version from."""
    found: dict[str, Path] = {}
    for file in package.files or []:
        metadata = file.name == "METADATA" and file.parent.suffix == ".dist-info"
        if (file.suffix == ".py" and ".." not in file.parts) or metadata:
            found[file.as_posix()] = Path(str(package.locate_file(file)))
    return found
