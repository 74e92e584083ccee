"""That an answer's second piece is not kept back until its first one is confirmed."""

import socket

import pytest

from core.api.sockets import listen, send_at_once


def sends_at_once(server):
    """Whether what a listening socket accepts sends small pieces at once."""
    with socket.create_connection(server.getsockname()[:2]), server.accept()[0] as accepted:
        return bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_asyncio_knows_that_a_socket_of_serve_is_for_tcp():
    with (
        listen("127.0.0.1", 0) as server,
        socket.create_connection(server.getsockname()),
        server.accept()[0] as accepted,
    ):
        assert accepted.proto == socket.IPPROTO_TCP  # by which asyncio decides


def test_a_socket_that_streamlit_has_made_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        if sends_at_once(server):
            pytest.skip("this system sends small pieces at once by itself")
        send_at_once(server.getsockname()[1])
        assert sends_at_once(server)
