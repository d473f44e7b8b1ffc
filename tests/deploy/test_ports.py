"""A taken port is found before anything starts, and the sentence says what to do."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from admin_ui.operations.options import CannotStart
from admin_ui.operations.supervisor.ports import Address, loopback_addresses, require_free


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.2", 0))
        server.listen()
        yield server


def test_taken_port_is_named_with_its_holder_and_a_way_out(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(CannotStart) as refusal:
        require_free([Address("127.0.0.2", port)])
    sentence = str(refusal.value)
    assert f"port {port} on 127.0.0.2 is taken" in sentence
    assert f"(pid {os.getpid()})" in sentence
    assert "DANHMUC_PORT=" in sentence


def test_same_port_on_another_address_is_free(listener: socket.socket) -> None:
    require_free([Address("127.0.0.3", listener.getsockname()[1])])


def test_closing_connections_do_not_count_as_taken() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as every server does
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            accepted.close()  # our side closes first: it is the one left in TIME_WAIT
    require_free([Address("127.0.0.1", port)])


def test_localhost_means_both_families_where_there_are_two() -> None:
    hosts = [address.host for address in loopback_addresses(8400)]
    assert hosts[0] == "127.0.0.1"
    assert set(hosts[1:]) <= {"::1"}
    assert str(Address("::1", 8400)) == "[::1]:8400"
