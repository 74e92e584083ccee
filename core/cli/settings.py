"""`python -m core settings`: the environment variables, as a table in Markdown."""

from __future__ import annotations

from core.cli.shared import Commands
from core.settings import table


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("settings", help="list the environment variables")
    command.set_defaults(command=lambda options: print(table()))
