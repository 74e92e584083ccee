"""`python -m core segments` and `read`: patterns and pictures read, a JSON line each."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from core.cli.shared import Commands, chosen_model
from core.inference.reading import answers_to_files, answers_to_patterns
from core.models.loader import load_classifier
from core.tasks.base import get_task


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("segments", help="read seven-segment patterns, a JSON line each")
    command.add_argument("patterns", nargs="+", metavar="PATTERN", help="such as 1111110, a to g")
    command.add_argument("--model", metavar="NAME", help="a saved seven-segment model")
    command.set_defaults(command=_segments)

    command = commands.add_parser(
        "read", help="read digits and numbers in pictures, a JSON line each"
    )
    command.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    command.add_argument("--model", metavar="NAME", help="a saved handwritten-digit model")
    command.set_defaults(command=_read)


def _segments(options: argparse.Namespace) -> None:
    predictor = load_classifier(chosen_model(options.model, get_task("seven-segment")))
    for answer in answers_to_patterns(predictor, options.patterns):
        print(json.dumps(answer), flush=True)


def _read(options: argparse.Namespace) -> None:
    predictor = load_classifier(chosen_model(options.model, get_task("handwritten")))
    for answer in answers_to_files(predictor, options.paths):
        print(json.dumps(answer), flush=True)
