"""The data plane behind RDS instances and replication groups, for the types of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localcloud.errors import LocalCloudError
from localcloud.resource import LocalError

if TYPE_CHECKING:
    from localcloud.dataplane import DataPlane


@contextmanager
def data_plane() -> Iterator[DataPlane]:
    """Open the running local cloud's data plane; its errors become errors of the resource."""
    from localcloud.dataplane import open_dataplane  # noqa: PLC0415 - costs memory that most plugins never need

    try:
        yield open_dataplane()
    except LocalCloudError as error:
        raise LocalError(str(error)) from None
