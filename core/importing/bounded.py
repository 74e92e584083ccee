"""Starts the process that opens a network from outside, and takes what comes of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import InvalidInput
from core.importing import child
from core.importing.uploaded import clean_name, kind_of
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.paths import PROJECT
from core.settings import passed_on, settings
from core.tasks.base import Task
from core.training.card import TrainedModel, parse_card

SECONDS = 600.0  # at most; one network takes about 15 on an idle machine
_LOOK_SECONDS = 0.2
# All that the process is told of this machine. No password and no database is among it.
_TOLD = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT", "KERAS_HOME")
_DATA = ("MNIST_PATH", "PEN_STROKES_PATH", "DIGIT_LAB_UPLOADS")
_QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
_LOST = (
    "The network could not be opened: the process that tried it ended unexpectedly, perhaps for"
    " want of memory. Nothing else was harmed."
)


@dataclass(frozen=True)
class Upload:
    """A network's file that somebody wants to use for a task.

    Args:
        data: the file.
        file_name: what it is called, for its card.
        task: name of the task.
        source: name of the data set to measure it on.
    """

    data: bytes
    file_name: str
    task: str
    source: str


def import_network(
    upload: Upload, task: Task, check_stopped: Callable[[], None] = lambda: None
) -> TrainedModel:
    """Checks a network from outside, fits it to a task and measures it, in a process of its own.

    Args:
        upload: the file.
        task: the task that it names.
        check_stopped: raises Abandoned when the work shall end; asked a few times a second.

    Returns:
        The network, ready to be saved.

    Raises:
        InvalidInput: if it cannot be used; says why.
        Abandoned: from `check_stopped`.
    """
    kind = kind_of(upload.data)  # needs no process
    level = task.training_noise_level
    request = {
        "task": task.name,
        "source": task.source(upload.source).name,
        "noise": task.noises[0].name if level else "none",
        "noise_level": level,
        "seed": 0,
        "max_parameters": settings().max_parameters,
    }
    with tempfile.TemporaryDirectory(prefix="digit-lab-import-") as name:
        folder = Path(name)
        (folder / child.UPLOADED).write_bytes(upload.data)
        (folder / child.REQUEST).write_text(json.dumps(request), encoding="utf-8")
        _run(folder, check_stopped)
        found = _result(folder)
        files = {
            file: (folder / file).read_bytes()
            for file in (KERAS_FILE, LITERT_FILE)
            if (folder / file).is_file()
        }
    return TrainedModel(files, parse_card(_entries(upload, kind, task, request, found)))


def _entries(
    upload: Upload,
    kind: str,
    task: Task,
    request: Mapping[str, Any],
    found: Mapping[str, Any],
) -> dict[str, Any]:
    name = clean_name(upload.file_name)
    asked = {key: request[key] for key in ("task", "source", "noise", "noise_level", "seed")}
    return {
        **asked,
        **({"table": task.table.entries} if task.table else {}),
        **{key: found[key] for key in ("figures", "calibration", "parameters")},
        "imported": {
            "file": name,
            "sha256": hashlib.sha256(upload.data).hexdigest(),
            "format": kind,
            "layers": found["layers"],
            "kind": found["kind"],
            "findings": found["findings"],
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"python -m core import '{name}' --task {task.name} --data {upload.source}",
    }


def _run(folder: Path, check_stopped: Callable[[], None]) -> None:
    """Runs the process until it ends, or until it must."""
    environment = passed_on((*_TOLD, *_DATA))
    process = subprocess.Popen(
        [sys.executable, "-m", "core.importing.child", str(folder)],
        cwd=PROJECT,
        env=environment | _QUIET,
        stdin=subprocess.PIPE,  # its end is that of the process
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + SECONDS
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)
                return
            check_stopped()
            if time.monotonic() > deadline:
                raise InvalidInput(
                    f"The network was not ready after {SECONDS:.0f} seconds, so it was given up."
                )
    finally:
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _result(folder: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((folder / child.RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(_LOST) from error
    if not isinstance(found, dict):
        raise InvalidInput(_LOST)
    if "error" in found:
        raise InvalidInput(str(found["error"]))
    return found
