"""The listening socket, and what is said when it cannot be had."""

import socket

import pytest

from oppman.errors import Refused
from oppman.server import address


def test_port_0_picks_a_free_one() -> None:
    with address.listen("127.0.0.1", 0, "oppman runserver") as listener:
        assert address.url(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_every_interface_is_shown_as_this_machine() -> None:
    with address.listen("0.0.0.0", 0, "oppman runserver") as listener:
        assert address.url(listener).startswith("http://127.0.0.1:")


def test_a_taken_port_is_refused_with_the_next_that_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=f"Port {port} on 127.0.0.1 is taken") as caught:
            address.listen("127.0.0.1", port, "oppman serve")
        free = address.next_free("127.0.0.1", port)
    assert free is not None
    assert free > port
    assert caught.value.hint == f"Port {free} is free: `oppman serve --port {free}`."


@pytest.mark.parametrize("host", ["no such host", "203.0.113.7"])
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(Refused, match="is no address of this machine"):
        address.listen(host, 0, "oppman serve")
