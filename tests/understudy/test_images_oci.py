"""The image writer: deterministic, well formed, and readable by Docker's and OCI's rules."""

import hashlib
import io
import json
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.images.oci import Entry, ImageConfig, layer, write_archive
from understudy.images.rootfs import base_files

_CONFIG = ImageConfig(
    architecture="amd64",
    entrypoint=["/orders"],
    user="65532:65532",
    environment={"B": "2", "A": "1"},
    ports=[8080],
)
_PART = st.text(st.sampled_from("abcxyz0.9-_"), min_size=1, max_size=8).filter(lambda part: part.strip("."))
_FILES = st.dictionaries(
    st.lists(_PART, min_size=1, max_size=4).map(lambda parts: "/".join(["root", *parts, "file"])),
    st.builds(Entry, st.binary(max_size=64), st.sampled_from([0o644, 0o755])),
    max_size=6,
)


def _read(archive, member):
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def _blobs(path):
    with tarfile.open(path) as archive:
        return {member.name: _read(archive, member) for member in archive if member.isfile()}


@given(files=_FILES)
def test_a_layer_holds_the_files_whatever_their_order_and_nothing_of_this_machine(files):
    content = layer(files)
    assert content == layer(dict(reversed(files.items())))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = archive.getmembers()
        for member in members:
            assert (member.uid, member.gid, member.mtime, member.uname, member.gname) == (0, 0, 0, "", "")
        assert [member.name for member in members] == sorted(member.name for member in members)
        assert {member.name: _read(archive, member) for member in members if member.isfile()} == {
            name: entry.content for name, entry in files.items()
        }


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "a//b", ".", "a/"])
def test_a_path_that_leaves_the_image_is_refused(name):
    with pytest.raises(ValueError, match="no path inside an image"):
        layer({name: Entry(b"")})


def test_the_archive_is_the_same_twice_and_its_digests_hold(tmp_path):
    layers = [layer({"etc/passwd": Entry(b"x")}), layer({"orders": Entry(b"program", 0o755)})]
    digests = [
        write_archive(tmp_path / name, "understudy.local/orders", "t1", _CONFIG, layers)
        for name in ("one", "two")
    ]
    assert digests[0] == digests[1]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    files = _blobs(tmp_path / "one")
    for name, content in files.items():
        if name.startswith("blobs/sha256/"):
            assert name.removeprefix("blobs/sha256/") == hashlib.sha256(content).hexdigest()
    index = json.loads(files["index.json"])
    assert {entry["digest"] for entry in index["manifests"]} == {digests[0]}
    assert [entry["annotations"]["io.containerd.image.name"] for entry in index["manifests"]] == [
        "understudy.local/orders:t1",
        f"understudy.local/orders@{digests[0]}",
    ]
    manifest = json.loads(files["blobs/" + digests[0].replace(":", "/")])
    config = json.loads(files["blobs/" + manifest["config"]["digest"].replace(":", "/")])
    assert [entry["digest"] for entry in manifest["layers"]] == config["rootfs"]["diff_ids"]
    assert [entry["size"] for entry in manifest["layers"]] == [len(content) for content in layers]
    assert (config["config"]["User"], config["config"]["Env"]) == ("65532:65532", ["A=1", "B=2"])
    docker = json.loads(files["manifest.json"])[0]
    assert docker["RepoTags"] == ["understudy.local/orders:t1"]
    assert docker["Config"] in files
    assert set(docker["Layers"]) <= files.keys()


def test_another_program_is_another_digest(tmp_path):
    def digest(program: bytes) -> str:
        return write_archive(tmp_path / "a", "r", "t", _CONFIG, [layer({"orders": Entry(program)})])

    assert digest(b"one") != digest(b"two")


def test_the_base_has_certificates_zones_and_a_user():
    files = base_files()
    assert b"BEGIN CERTIFICATE" in files["etc/ssl/certs/ca-certificates.crt"].content
    assert files["usr/share/zoneinfo/Europe/Berlin"].content.startswith(b"TZif")
    assert b"nonroot:x:65532:65532" in files["etc/passwd"].content
    assert not [name for name in files if name.endswith((".py", ".pyc"))]
