"""Ports that stick."""

from __future__ import annotations

import socket
from pathlib import Path

from localcloud.ports import Ports, is_free


def test_the_same_port_again_and_a_new_one_when_taken(tmp_path: Path):
    first = Ports(tmp_path).choose("a", "127.0.0.1")
    assert Ports(tmp_path).choose("a", "127.0.0.1") == first == Ports(tmp_path).recorded("a")
    with socket.create_server(("127.0.0.1", first)):
        assert not is_free("127.0.0.1", first)
        second = Ports(tmp_path).choose("a", "127.0.0.1")
        assert second != first
    assert Ports(tmp_path).choose("a", "127.0.0.1") == second


def test_no_two_servers_share_one(tmp_path: Path):
    ports = Ports(tmp_path)
    chosen = [ports.choose(f"s{number}", "127.0.0.1") for number in range(30)]
    assert len(set(chosen)) == 30


def test_forget_and_damage(tmp_path: Path):
    ports = Ports(tmp_path)
    ports.choose("a", "127.0.0.1")
    ports.forget("a")
    assert ports.recorded("a") is None
    (tmp_path / "ports.json").write_text("{broken")
    assert ports.choose("a", "127.0.0.1")
