"""Sockets that send an answer at once.

An answer goes out as two small pieces, its head and its body. By default a system keeps the second
back until the first is confirmed (Nagle's algorithm), and many clients confirm only after 40
milliseconds. asyncio turns that off, but not for a socket that was made without saying that it is
for TCP.
"""

from __future__ import annotations

import contextlib
import os
import socket

import psutil

BACKLOG = 2048  # connections that may wait to be taken


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens.

    Args:
        host: the address to listen at.
        port: the port; 0 for any that is free.

    Raises:
        OSError: if nothing can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.create_server((host, port), family=family, backlog=BACKLOG)
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, made.detach())


def send_at_once(port: int) -> None:
    """Has this process's sockets that listen at a port do so, where Streamlit has made them.

    What they accept has inherited that. Does nothing where the system does not tell of them.
    """
    with contextlib.suppress(psutil.Error, OSError):
        for each in psutil.Process().net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr.port == port and each.fd >= 0:
                with socket.socket(fileno=os.dup(each.fd)) as listening:
                    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
