"""Builds the services' images, each only when something it is made of has changed.

A build is known by its key: a digest over sources, toolchain, platform and recipe. Its archive lies in the
cache folder under that key, so an unchanged service costs a few version queries. Two builds at once share the
work: the second waits for the first and finds its result.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from localcloud.paths import cache_dir
from understudy.images.errors import ImageError
from understudy.images.image import REGISTRY, Image
from understudy.images.oci import Entry, ImageConfig, layer, write_archive
from understudy.images.recipes import Compiler, GoCompiler, RustCompiler
from understudy.images.rootfs import CERTIFICATES, USER, base_files, base_version
from understudy.images.sources import source_digest
from understudy.images.toolchain import Target, host_target

__all__ = ["RECORD", "SERVICES", "Progress", "build_images", "target_folder"]

Progress = Callable[[str, str], None]
"""Called with a service's name and what happens to it, in a few words; from several threads."""

RECORD = Path("build", "images.json")
# Raise it when this module makes something else of the same sources.
_RECIPE = 1
_KEPT_BUILDS = 5


@dataclass(frozen=True)
class _Service:
    language: str
    sources: tuple[str, ...]
    ports: tuple[int, ...]


_SERVICES = {
    "orders": _Service("go", ("services/orders", "services/contracts/gen/go"), (8080,)),
    "pricing": _Service("rust", ("services/pricing", "services/contracts/gen/rust"), (8080, 50051)),
}
SERVICES = tuple(_SERVICES)


def build_images(
    repo: Path, services: Sequence[str] | None = None, progress: Progress | None = None
) -> dict[str, Image]:
    """Build the images and record them in ``build/images.json``.

    Args:
        repo: the repository's root.
        services: names to build; all of :data:`SERVICES` when left out.
        progress: told what happens.

    Raises:
        ImageError: a service is unknown, a compiler is missing or has the wrong version, a program does not
            compile, or the disk is full.

    Example:
        >>> build_images(Path("."))["orders"].reference  # doctest: +SKIP
        'understudy.local/orders@sha256:…'
    """
    names = list(dict.fromkeys(SERVICES if services is None else services))
    for name in names:
        if name not in _SERVICES:
            raise ImageError(f"unknown service {name!r}: the services are {', '.join(SERVICES)}")
    tell = progress or (lambda _service, _message: None)
    repo = repo.resolve()
    try:
        # Side by side: one compiler's last, single-threaded seconds are filled by the other.
        with ThreadPoolExecutor(max_workers=max(len(names), 1)) as pool:
            images = dict(zip(names, pool.map(lambda name: _build(repo, name, tell), names), strict=True))
        _write_record(repo, images)
    except OSError as error:
        raise ImageError(
            f"images can't be built: {error.strerror or error}: {error.filename or cache_dir()}"
        ) from error
    return images


def target_folder() -> Path:
    """Return where cargo keeps compiled crates between builds; shared by the image's build and the tests."""
    return _folder() / "target"


def _folder() -> Path:
    return cache_dir() / "images"


def _build(repo: Path, name: str, tell: Progress) -> Image:
    service, target = _SERVICES[name], host_target()
    sources = source_digest(repo, service.sources)
    compiler = _compiler(repo, name, service.language, target)
    key = _key(name, sources, target, compiler.toolchain)
    folder = _folder() / f"{name}-{key[:16]}"
    image = _stored(folder, name)
    if image is not None:
        tell(name, "unchanged")
        return image
    _folder().mkdir(parents=True, exist_ok=True)
    with _locked(_folder() / f"{name}.lock"):
        image = _stored(folder, name)
        if image is None:
            tell(name, "compiling")
            image = _make(folder, name, service, sources, target, compiler, lambda line: tell(name, line))
            if source_digest(repo, service.sources) != sources:
                # Nobody knows which of the two the compiler saw, so nothing may be kept under this key.
                shutil.rmtree(folder)
                raise ImageError(f"the sources of {name} changed while it was built: run it again")
            _prune(name, folder)
        tell(name, f"built {image.digest[:19]}")
    return image


def _compiler(repo: Path, name: str, language: str, target: Target) -> Compiler:
    folder = repo / "services" / name
    if language == "go":
        return GoCompiler.find(folder, target)
    return RustCompiler.find(folder, target, target_folder())


def _key(name: str, sources: str, target: Target, toolchain: str) -> str:
    parts = [str(_RECIPE), name, sources, target.triple, toolchain, base_version()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _make(
    folder: Path,
    name: str,
    service: _Service,
    sources: str,
    target: Target,
    compiler: Compiler,
    progress: Callable[[str], None],
) -> Image:
    with tempfile.TemporaryDirectory(dir=_folder(), prefix=f".{name}-") as scratch_name:
        scratch = Path(scratch_name)
        program = scratch / "program"
        compiler.compile(program, progress)
        config = ImageConfig(
            architecture=target.architecture,
            entrypoint=[f"/{name}"],
            user=USER,
            environment={"SSL_CERT_FILE": f"/{CERTIFICATES}"},
            ports=service.ports,
            labels={
                "org.opencontainers.image.title": name,
                # The content, not the commit: a commit that does not touch the service gives no new image.
                "org.opencontainers.image.revision": sources,
                "org.opencontainers.image.source": f"services/{name}",
                "org.opencontainers.image.licenses": "Apache-2.0",
                "understudy.toolchain": compiler.toolchain.splitlines()[0],
                "understudy.base": base_version(),
            },
        )
        layers = [layer(base_files()), layer({name: Entry(program.read_bytes(), 0o755)})]
        result = scratch / "image"
        result.mkdir()
        digest = write_archive(result / "image.tar", f"{REGISTRY}/{name}", sources[:12], config, layers)
        (result / "digest").write_text(digest)
        # All or nothing: a killed build leaves no half image under the key.
        shutil.rmtree(folder, ignore_errors=True)
        result.rename(folder)
    return _image(folder, name, digest)


def _stored(folder: Path, name: str) -> Image | None:
    try:
        digest = (folder / "digest").read_text()
    except FileNotFoundError:
        return None
    if not (folder / "image.tar").is_file():
        return None
    os.utime(folder)  # used now: pruned last
    return _image(folder, name, digest)


def _image(folder: Path, name: str, digest: str) -> Image:
    return Image(
        name=name, digest=digest, reference=f"{REGISTRY}/{name}@{digest}", archive=folder / "image.tar"
    )


def _prune(name: str, current: Path) -> None:
    builds = [path for path in _folder().glob(f"{name}-*") if path != current]
    builds.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in builds[_KEPT_BUILDS - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def _write_record(repo: Path, images: dict[str, Image]) -> None:
    path = repo / RECORD
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_suffix(".lock")):
        try:
            record = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            record = {}
        record = {name: entry for name, entry in record.items() if name in _SERVICES}
        record.update({name: image.record() for name, image in images.items()})
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
        draft.replace(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
