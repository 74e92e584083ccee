"""The command line: the pages' work without a browser.

    python -m core models
    python -m core refresh [NAME ...]
    python -m core rename NAME NEW
    python -m core delete NAME
    python -m core install-models
    python -m core import FILE --task TASK [--name NAME]
    python -m core segments 1111110 0110000 [--model NAME]
    python -m core read FILE_OR_FOLDER ... [--model NAME]
    python -m core train TASK [--name NAME] [settings]
    python -m core search RECIPE --vary NAME=VALUES ... [--sampler tpe] [--trials 40] [--name NAME]
    python -m core ensemble NAME NAME ... [--vote VOTE] [--weights 2,1,...] [--name NAME]
    python -m core evaluate NAME [--data SOURCE] [--noise NOISE]
    python -m core baselines TASK [--data SOURCE] [--noise NOISE] [--model NAME]
    python -m core fine-tune NAME --samples FILE [--name NEW] [settings]
    python -m core export NAME --format FORMAT [--to FILE]
    python -m core int8 NAME ...
    python -m core serve [--host HOST] [--port PORT]
    python -m core settings

Exit status: 0 when the command did its work, 2 when it could not (an unknown model, say), 1 when
its output could not be written (a full disk), 130 when it was stopped by Ctrl-C. What is wrong with
a single pattern or picture stands in its own line and stops nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

from core.cli import (
    baselines,
    bundled,
    ensemble,
    evaluation,
    export,
    fine_tuning,
    importing,
    models,
    reading,
    search,
    serve,
    settings,
    training,
)
from core.errors import DigitLabError
from core.files import reason


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status.

    Args:
        arguments: the words after `python -m core`. Defaults to those of the process.
    """
    try:
        try:
            options = _parser().parse_args(arguments)
            options.command(options)
        finally:
            if sys.stdout is not None:  # it is, where a shell has closed it
                sys.stdout.flush()  # what cannot be written would only show when Python ends
    except DigitLabError as error:
        return _told(str(error), 2)
    except KeyboardInterrupt:
        return _told("Stopped.", 130)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        _write_nowhere()
    except OSError as error:
        _write_nowhere()
        return _told(f"The output could not be written ({reason(error)}).", 1)
    return 0


def _told(sentence: str, status: int) -> int:
    with contextlib.suppress(OSError):
        print(f"python -m core: {sentence}", file=sys.stderr)
    return status


def _write_nowhere() -> None:
    """Lets Python's end not try again to write what could not be written."""
    with contextlib.suppress(OSError, ValueError):  # a test's output is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core",
        description="Digit Lab without a browser.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in (
        models,
        bundled,
        importing,
        reading,
        training,
        search,
        ensemble,
        evaluation,
        baselines,
        fine_tuning,
        export,
        serve,
        settings,
    ):
        group.add_commands(commands)
    return parser
