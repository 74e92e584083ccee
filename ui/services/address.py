"""The addresses at which other devices reach this server."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from core.api.hosts import is_loopback

# For documentation only (RFC 5737): nothing is there, and nothing is sent to it.
_ELSEWHERE = ("192.0.2.1", 9)


def network_host() -> str | None:
    """Returns this server's address on its network; None if it answers only its own computer."""
    bound = str(st.get_option("server.address") or "")
    if bound and is_loopback(bound):
        return None
    if bound and bound not in ("0.0.0.0", "::"):
        return bound
    return own_address()


def own_address() -> str | None:
    """Returns this computer's address on its network; None if it is in none."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(_ELSEWHERE)  # chooses a way out, and sends nothing
            host = str(probe.getsockname()[0])
    except OSError:  # no network
        return None
    return None if is_loopback(host) else host


def room_address() -> str | None:
    """Returns what the others in the room open; None if they cannot reach this server."""
    host = network_host()
    return f"http://{_bracketed(host)}:{st.get_option('server.port')}" if host else None


def link_for_others(url: str | None, parameters: Mapping[str, str]) -> str:
    """Returns a link that opens a page on another device, if one can reach this server.

    Args:
        url: the page's address as the visitor's browser has it, if it is known.
        parameters: what the page shows.
    """
    parts = urlsplit(url or f"http://localhost:{st.get_option('server.port')}/")
    place = parts.netloc
    if is_loopback(parts.hostname or "") and (host := network_host()):
        place = _bracketed(host) + (f":{parts.port}" if parts.port else "")
    return urlunsplit((parts.scheme, place, parts.path or "/", urlencode(parameters), ""))


def server_address(url: str | None, page: str) -> str:
    """Returns the address under which the visitor's browser reaches this server.

    What is in it before the page's name, perhaps a proxy's folder, belongs to the server's address.

    Args:
        url: the page's address as the visitor's browser has it, if it is known.
        page: the page's name in it.

    Returns:
        The address, without a slash at its end.
    """
    known = url or f"http://localhost:{st.get_option('server.port')}"
    return known.rstrip("/").removesuffix(f"/{page}")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
