"""`python -m core serve`: the HTTP API alone."""

from __future__ import annotations

import argparse

from core.cli.shared import Commands

PORT = 8600


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("serve", help="answer over HTTP, without the pages")
    command.add_argument("--host", default="localhost", help="address to listen at")
    command.add_argument("--port", type=_port, default=PORT, help=f"default: {PORT}; 0: any free")
    command.set_defaults(command=_serve)


def _serve(options: argparse.Namespace) -> None:
    from core.api.server import serve

    serve(options.host, options.port)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"expected a port, 0 to 65535, not {text}")
    return int(text)
