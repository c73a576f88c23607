"""Where the local cloud keeps things on this machine.

Two folders, and nothing outside them:

* the **cache** folder holds what can be made again (built binaries, keyed by version) and is shared by
  every instance of the local cloud;
* the **data** folder holds one instance of the local cloud: state, logs, process ids. Whatever needs a
  unique name on the machine (network devices, cgroups) derives it from :func:`instance_id`.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

__all__ = ["CACHE_DIR_VARIABLE", "DATA_DIR_VARIABLE", "cache_dir", "data_dir", "instance_id"]

CACHE_DIR_VARIABLE = "UNDERSTUDY_CACHE_DIR"
DATA_DIR_VARIABLE = "UNDERSTUDY_DATA_DIR"

_APPLICATION = "understudy"


def cache_dir(env: Mapping[str, str] | None = None) -> Path:
    """Return the folder of things that can be made again; it need not exist yet.

    ``$UNDERSTUDY_CACHE_DIR`` wins over the user's cache folder; an empty value counts as not set.

    Args:
        env: environment to read; the process's own when left out.

    Example:
        >>> cache_dir({"UNDERSTUDY_CACHE_DIR": "/var/cache/u"})
        PosixPath('/var/cache/u')
    """
    return _chosen(CACHE_DIR_VARIABLE, env) or Path(
        platformdirs.user_cache_dir(_APPLICATION, appauthor=False)
    )


def data_dir(env: Mapping[str, str] | None = None) -> Path:
    """Return the folder of one instance of the local cloud; it need not exist yet.

    ``$UNDERSTUDY_DATA_DIR`` wins over the user's data folder; an empty value counts as not set.

    Args:
        env: environment to read; the process's own when left out.
    """
    return _chosen(DATA_DIR_VARIABLE, env) or Path(platformdirs.user_data_dir(_APPLICATION, appauthor=False))


def instance_id(data_dir: Path) -> str:
    """Return eight hex digits that tell this data folder from every other one on the machine.

    Two spellings of the same folder (relative, through a symbolic link) give the same id.

    Args:
        data_dir: the instance's data folder, existing or not.
    """
    return hashlib.sha256(os.fsencode(data_dir.expanduser().resolve())).hexdigest()[:8]


def _chosen(variable: str, env: Mapping[str, str] | None) -> Path | None:
    value = (os.environ if env is None else env).get(variable, "")
    # Absolute, so that a process started later in another folder means the same place.
    return Path(value).expanduser().absolute() if value else None
