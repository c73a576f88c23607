"""Installs and builds what the local cloud needs, without starting anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from localcloud import packages
from localcloud.dataplane.binaries import find_postgres, find_redis
from localcloud.options import Options
from localcloud.parallel import run_together
from localcloud.paths import cache_dir

Say = Callable[[str], None]


def ensure_packages(options: Options, say: Say) -> None:
    """Install the Debian packages that are missing for these choices, or say which they are.

    Raises LocalCloudError, with one line, where we may not install.
    """
    wanted: dict[str, bool] = {}
    if options.kube_context is None:
        from localcloud.cluster import requirements  # noqa: PLC0415 - not for users of their own cluster

        if os.geteuid() == 0:
            missing = set(requirements.missing_programs().values())
            wanted |= {package: package not in missing for package in requirements.PACKAGES}
        else:
            requirements.require()
    if options.postgres_url is None and not find_postgres():
        wanted[packages.postgres_package()] = False
    if options.redis_url is None:
        wanted["redis-server"] = find_redis() is not None
    packages.ensure(wanted, progress=say)


def ensure_executables(options: Options, say: Say) -> None:
    """Get the engine and, for a cluster of our own, build Kubernetes; what is cached is left alone."""
    from localcloud.engine.acquire import ensure_engine  # noqa: PLC0415

    jobs: dict[str, Callable[[], Any]] = {"engine": lambda: ensure_engine(say)}
    if options.kube_context is None:
        from localcloud.cluster import binaries  # noqa: PLC0415

        jobs["cluster"] = lambda: binaries.ensure(cache_dir(), say)
    run_together(jobs)
