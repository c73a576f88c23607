"""Image references, listings, and archives of images."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cluster import archive
from localcloud.cluster.images import Image, annotated_names, parse_listing, parse_reference
from localcloud.errors import LocalCloudError

DIGEST = f"sha256:{'0f' * 32}"
part = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)
path = st.lists(part, min_size=1, max_size=3).map("/".join)
tag = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("reference", "name", "given_tag", "digest"),
    [
        ("redis", "docker.io/library/redis", None, None),
        ("redis:7", "docker.io/library/redis", "7", None),
        ("team/redis:7", "docker.io/team/redis", "7", None),
        ("docker.io/redis", "docker.io/library/redis", None, None),
        ("localhost/a:b", "localhost/a", "b", None),
        ("localhost:5000/a:b", "localhost:5000/a", "b", None),
        ("understudy.local/a/b", "understudy.local/a/b", None, None),
        (f"a.example/b:c@{DIGEST}", "a.example/b", "c", DIGEST),
        (
            f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders@{DIGEST}",
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders",
            None,
            DIGEST,
        ),
    ],
)
def test_references_are_completed_as_docker_does(
    reference: str, name: str, given_tag: str | None, digest: str | None
):
    parsed = parse_reference(reference)
    assert (parsed.name, parsed.tag, parsed.digest) == (name, given_tag, digest)


@given(st.sampled_from(["a.example", "localhost", "localhost:5000", "h:80"]), path, tag)
def test_a_name_with_a_registry_stays_as_it_is(registry: str, name: str, given_tag: str):
    parsed = parse_reference(f"{registry}/{name}:{given_tag}@{DIGEST}")
    assert (parsed.name, parsed.tag, parsed.digest) == (f"{registry}/{name}", given_tag, DIGEST)


@given(path, tag)
def test_a_complete_name_is_completed_to_itself(name: str, given_tag: str):
    once = parse_reference(f"{name}:{given_tag}")
    assert parse_reference(f"{once.name}:{once.tag}") == once


@pytest.mark.parametrize("reference", ["", "A", "a b", "a@sha256:12", "a:", "-a", "a//b", "--force"])
def test_what_is_no_reference_is_refused(reference: str):
    with pytest.raises(LocalCloudError, match="is not of the form") as refused:
        parse_reference(reference)
    assert refused.value.invalid_input


def test_a_listing_is_read_with_and_without_labels():
    text = f"""REF TYPE DIGEST SIZE PLATFORMS LABELS
b:1 application/vnd.oci.image.manifest.v1+json {DIGEST} 1.4 MiB linux/amd64 io.cri-containerd.image=managed
a@{DIGEST} application/vnd.oci.image.manifest.v1+json {DIGEST} 1.4 MiB linux/amd64 -
"""
    found = parse_listing(text)
    assert [image.reference for image in found] == [f"a@{DIGEST}", "b:1"]
    assert [image.known for image in found] == [False, True]
    assert parse_listing("REF TYPE DIGEST SIZE PLATFORMS LABELS \n") == []


def test_an_archive_is_the_same_each_time_and_all_its_digests_are_right(tmp_path: Path):
    (tmp_path / "program").write_bytes(b"#!")
    digests = {
        archive.write(
            tmp_path / name,
            reference="a.example/b:1",
            files={"/bin/program": tmp_path / "program"},
            entrypoint=["/bin/program"],
        )
        for name in ("one.tar", "two.tar")
    }
    assert len(digests) == 1
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar") as tar:
        blobs = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    index = json.loads(blobs["index.json"])
    assert index["manifests"][0]["digest"] == digests.pop()
    manifest = json.loads(blobs[_blob(index["manifests"][0])])
    config = json.loads(blobs[_blob(manifest["config"])])
    layer = blobs[_blob(manifest["layers"][0])]
    assert config["rootfs"]["diff_ids"] == [manifest["layers"][0]["digest"]]
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        assert [(member.name, member.mode) for member in tar] == [("bin/program", 0o755)]
    assert annotated_names(tmp_path / "one.tar") == {"a.example/b:1"}
    assert annotated_names(tmp_path / "program") == set()


def _blob(descriptor: dict[str, str]) -> str:
    return f"blobs/sha256/{descriptor['digest'].removeprefix('sha256:')}"


def test_an_image_is_a_value():
    assert Image(reference="a", digest=DIGEST) == Image(reference="a", digest=DIGEST)
