"""The images of a node: import from an archive, list, remove. There is no registry to pull from."""

import io
import json
import re
import tarfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from localcloud.errors import LocalCloudError

__all__ = ["Image", "ImageStore", "Reference", "annotated_names", "parse_listing", "parse_reference"]

_REFERENCE = re.compile(
    r"(?P<name>[^@]+?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_REGISTRY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Set by containerd's Kubernetes side once it knows of the image; before that, a pod would try to pull it.
_KNOWN = "io.cri-containerd.image=managed"
_KNOWN_SECONDS = 10.0
_NAME_ANNOTATION = "io.containerd.image.name"


class Run(Protocol):
    """Runs a command in the node and returns what it prints."""

    def __call__(self, argv: list[str], *, stdin: Path | None = None) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An image reference in its parts; ``name`` is in full (``docker.io/library/redis``)."""

    name: str
    tag: str | None = None
    digest: str | None = None


@dataclass(frozen=True, kw_only=True)
class Image:
    """One name of an image: ``reference`` in full, and the ``digest`` of what it stands for."""

    reference: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class _Listed(Image):
    known: bool


class ImageStore:
    """The images that the pods of one node can run.

    Args:
        run: runs a command in the node.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def load(self, archive: Path, reference: str) -> Image:
        """Import an image archive (OCI layout or docker-archive, as a tar file) and name it.

        Pods can then use ``reference``, and its name with the image's digest (``name@sha256:…``).

        Args:
            archive: the tar file; it holds one image.
            reference: ``name:tag``, ``name@sha256:…`` or ``name:tag@sha256:…``. A digest must be that of
                the image in the archive.

        Returns:
            The image under its name and digest.

        Raises:
            LocalCloudError: the archive is no image archive, or does not hold what the reference says.
        """
        wanted = parse_reference(reference)
        # A name that nobody else has, instead of those in the archive: importing replaces what has the name.
        staging = f"understudy.local/import-{uuid.uuid4().hex}"
        unasked = annotated_names(archive) - {image.reference for image in self._list()}
        names: list[str] = []
        try:
            self._import(archive, staging)
            imported = [image for image in self._list() if image.reference.startswith(staging)]
            digests = {image.digest for image in imported}
            if len(digests) != 1:
                raise LocalCloudError(f"{archive} holds {len(digests)} images; give an archive with one")
            digest = digests.pop()
            if wanted.digest not in (None, digest):
                raise LocalCloudError(
                    f"{archive} holds the image {digest}, not {wanted.digest} as {reference} says; "
                    "build it again"
                )
            names = [f"{wanted.name}@{digest}", *([f"{wanted.name}:{wanted.tag}"] if wanted.tag else [])]
            self._ctr("tag", "--force", imported[0].reference, *names)
        finally:
            self._forget(staging, unasked.difference(names))
        self._wait_known(names)
        return Image(reference=names[0], digest=digest)

    def images(self) -> list[Image]:
        """Return every name of every image, in alphabetical order."""
        return [Image(reference=each.reference, digest=each.digest) for each in self._list()]

    def remove(self, reference: str) -> None:
        """Remove one name of an image, and the image with its last name; one that is not there is fine."""
        wanted = parse_reference(reference)
        full = (
            f"{wanted.name}@{wanted.digest}" if wanted.digest else f"{wanted.name}:{wanted.tag or 'latest'}"
        )
        if any(image.reference == full for image in self._list()):
            self._ctr("rm", full)

    def _import(self, archive: Path, name: str) -> None:
        try:
            self._ctr("import", "--digests", f"--base-name={name}", "-", stdin=archive)
        except OSError as error:
            raise LocalCloudError(f"{archive}: {error.strerror}; build the image first") from error
        except LocalCloudError as error:
            raise LocalCloudError(f"{archive} is no image archive: {error}", details=error.details) from error

    def _forget(self, staging: str, unasked: set[str]) -> None:
        present = [image.reference for image in self._list()]
        names = [name for name in present if name.startswith(staging) or name in unasked]
        if names:
            self._ctr("rm", *names)

    def _list(self) -> list[_Listed]:
        return parse_listing(self._ctr("ls"))

    def _wait_known(self, names: list[str]) -> None:
        deadline = time.monotonic() + _KNOWN_SECONDS
        while not set(names) <= {image.reference for image in self._list() if image.known}:
            if time.monotonic() > deadline:
                raise LocalCloudError(f"containerd did not take the image {names[0]}; see its log")
            time.sleep(0.05)

    def _ctr(self, *arguments: str, stdin: Path | None = None) -> str:
        return self._run(["ctr", "--namespace=k8s.io", "images", *arguments], stdin=stdin)


def parse_reference(reference: str) -> Reference:
    """Take an image reference apart and fill in what it leaves out, as Docker does.

    Raises:
        LocalCloudError: it is no image reference.

    Example:
        >>> parse_reference("redis:7").name
        'docker.io/library/redis'
    """
    found = _REFERENCE.fullmatch(reference)
    registry, path = _registry_and_path(found["name"]) if found else ("", "")
    if found is None or not _REGISTRY.fullmatch(registry) or not _PATH.fullmatch(path):
        raise LocalCloudError(
            f"image reference {reference!r} is not of the form name:tag or name@sha256:…; mend it",
            invalid_input=True,
        )
    return Reference(name=f"{registry}/{path}", tag=found["tag"], digest=found["digest"])


def _registry_and_path(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    # Docker's rule: what could not be a user's name on its registry is a registry.
    named = bool(slash) and (first == "localhost" or any(each in first for each in ".:"))
    registry, path = (first, rest) if named else ("docker.io", name)
    if registry in ("docker.io", "index.docker.io"):
        return "docker.io", path if "/" in path else f"library/{path}"
    return registry, path


def annotated_names(archive: Path) -> set[str]:
    """Return the names that an image archive gives its image whatever name one asks for."""
    try:
        with tarfile.open(archive) as tar, tar.extractfile("index.json") or io.BytesIO() as stream:
            index = json.load(stream)
        annotations = [manifest.get("annotations") or {} for manifest in index["manifests"]]
    except (OSError, tarfile.TarError, KeyError, ValueError, TypeError, AttributeError):
        # Not an OCI layout; whether it is an image archive at all is for containerd to say.
        return set()
    return {each[_NAME_ANNOTATION] for each in annotations if _NAME_ANNOTATION in each}


def parse_listing(output: str) -> list[_Listed]:
    """Return the images in the table that ``ctr images ls`` prints."""
    rows = (line.split() for line in output.splitlines()[1:])
    return sorted(
        (
            _Listed(reference=row[0], digest=row[2], known=_KNOWN in row[-1].split(","))
            for row in rows
            if len(row) > 3 and _DIGEST.fullmatch(row[2])
        ),
        key=lambda image: image.reference,
    )
