"""A run as a notebook: the same code as the script, in cells with explanations and pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from core.export.keras_script import sections
from core.export.rendering import render
from core.export.script_data import needs_digit_lab
from core.metrics.accuracy import Accuracy
from core.training.config import TrainingConfig
from core.training.history import History

MIME = "application/x-ipynb+json"
_CELL = re.compile(r"^%% (markdown|code)$", re.MULTILINE)


def notebook(
    config: TrainingConfig, history: History, figures: Sequence[Accuracy] = (), *, model: str = ""
) -> str:
    """Returns a notebook (.ipynb, format 4.5) that repeats a run and shows what came of it.

    Args:
        config: the run.
        history: what happened in it.
        figures: its accuracies on test data, to compare with. Defaults to none.
        model: name of the saved model that the run became. Defaults to none.
    """
    task = config.get_task()
    text = render(
        "notebook",
        config=config,
        script=sections(config, history, plots=True),
        title=_line(task.title),
        description=_line(task.description),
        classes=task.classes,
        input_shape=task.input_shape,
        network=_line(config.architecture.summary),
        figures=[_line(str(figure)) for figure in figures],
        digit_lab=needs_digit_lab(config),
        model=model,
    )
    document = {
        "cells": [_cell(number, *cell) for number, cell in enumerate(_cells(text), start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _line(text: str) -> str:
    """Returns text as one line: a table's title comes from outside, and must not begin a cell."""
    return " ".join(text.split())


def _cells(text: str) -> Iterator[tuple[str, str]]:
    """Parts the template's text into cells: kind and contents."""
    _, *parts = _CELL.split(text)
    for kind, contents in zip(parts[::2], parts[1::2], strict=True):
        yield kind, contents.strip("\n")


def _cell(number: int, kind: str, contents: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": contents.splitlines(keepends=True),
    }
    return cell if kind == "markdown" else cell | {"execution_count": None, "outputs": []}
