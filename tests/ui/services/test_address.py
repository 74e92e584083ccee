import pytest
import streamlit as st

from core.api.hosts import is_loopback
from ui.services import address
from ui.services.address import link_for_others, network_host, room_address, server_address


@pytest.fixture
def bound(monkeypatch):
    """Makes the server listen at an address."""
    options = {"server.address": None, "server.port": 8501}
    monkeypatch.setattr(st, "get_option", lambda name: options[name])

    def bind(host):
        options["server.address"] = host

    return bind


@pytest.mark.parametrize("host", ["localhost", "lab.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_what_means_this_computer(host, bound):
    assert is_loopback(host)
    bound(host)
    assert network_host() is None
    assert room_address() is None
    assert link_for_others("http://localhost:8501/draw", {}) == "http://localhost:8501/draw"


@pytest.mark.parametrize(
    "host", ["192.168.1.20", "lab.example.org", "fd00::2", "localhost.org", ""]
)
def test_what_means_another(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "room"),
    [("192.168.1.20", "http://192.168.1.20:8501"), ("fd00::2", "http://[fd00::2]:8501")],
)
def test_a_server_with_an_address_gives_it(host, room, bound):
    bound(host)
    assert room_address() == room
    link = link_for_others("http://localhost:8501/noise", {"level": "0.2", "task": "seven-segment"})
    assert link == f"{room}/noise?level=0.2&task=seven-segment"


def test_a_link_with_a_name_of_its_own_keeps_it(bound):
    bound("192.168.1.20")
    assert link_for_others("https://lab.example.org/draw", {}) == "https://lab.example.org/draw"
    assert link_for_others(None, {"a": "b c"}) == "http://192.168.1.20:8501/?a=b+c"


def test_without_a_network_the_server_is_alone(bound, monkeypatch):
    class NoNetwork:
        def __init__(self, *_):
            raise OSError("no route")

    monkeypatch.setattr(address.socket, "socket", NoNetwork)
    bound("0.0.0.0")
    assert network_host() is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8501/api", "http://localhost:8501"),
        ("https://school.example/lab/api/", "https://school.example/lab"),
        (None, "http://localhost:8501"),
    ],
)
def test_the_server_s_address_is_the_page_s_without_the_page(url, expected, bound):
    assert server_address(url, "api") == expected
