"""`python -m core install-models`: the bundled models, where models are kept elsewhere."""

from __future__ import annotations

import argparse
import sys

from core.cli.shared import Commands
from core.models.bundled import install_bundled
from core.settings import settings


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser(
        "install-models", help="copy the bundled models into DIGIT_LAB_MODELS, or renew them there"
    )
    command.set_defaults(command=_install)


def _install(options: argparse.Namespace) -> None:
    root = settings().models
    installed = install_bundled(root)
    print(f"{len(installed)} bundled models copied to {root}.", file=sys.stderr)
