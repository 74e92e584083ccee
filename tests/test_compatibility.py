"""What people made with Digit Lab before `core` had packages keeps working."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from core.database import NEWEST, Database
from core.handwriting.repository import Samples
from core.models.saved_model import SavedModel
from core.runs.manager import Runs
from core.settings import Settings
from core.training.card import parse_card
from core.workers.pool import Workers
from tests.running_app import REPOSITORY
from ui.wording.cards import alone_of, calibration_of, made_of, training_of

MADE_BEFORE = Path(__file__).parent / "fixtures" / "before_packages"


@pytest.mark.parametrize("path", sorted(MADE_BEFORE.glob("*.json")), ids=lambda path: path.stem)
def test_a_saved_card_is_read(path):
    card = json.loads(path.read_text(encoding="utf-8"))
    model = SavedModel(card["name"], path.parent, parse_card(card))
    assert model.summary
    assert model.figures
    assert model.task.name in ("handwritten", "seven-segment")
    assert model.is_ensemble or model.architecture.parameter_count(model.task.input_shape, 10) > 0
    assert made_of(model)
    assert all(row.words for row in [*training_of(model), *calibration_of(model.calibration)])
    assert all(figure.total for figure in alone_of(model))
    calibrated = [rate.data for rate in model.calibration.refused]
    assert not [d for d in [f.data for f in model.figures] + calibrated if "learned from" in d]


@pytest.mark.keras
@pytest.mark.slow
def test_a_downloaded_script_runs():
    script = (MADE_BEFORE / "train.txt").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "built-in test images: " in done.stdout


def test_a_task_s_imports_are_found():
    from core import architecture, channels, noise, task
    from core.networks.architecture import Architecture
    from core.noise.base import Noise
    from core.segments.channels import BIT_FLIP
    from core.tasks.base import DataSource, Task, get_task

    assert architecture.Architecture is Architecture
    assert channels.BIT_FLIP is BIT_FLIP
    assert noise.Noise is Noise
    assert (task.Task, task.DataSource, task.task) == (Task, DataSource, get_task)


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "runs.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.executescript((MADE_BEFORE / "database.sql").read_text(encoding="utf-8"))
    return Database(f"sqlite:///{path}")


def test_runs_and_samples_are_found_again(database):
    with database.session() as session:
        (version,) = session.execute(text("select version_num from alembic_version")).one()
        wanted = "select content from events where content like '%paused%'"
        (content,) = session.execute(text(wanted)).one()
    assert version == NEWEST
    assert json.loads(content) == {"epoch": 2, "batch": 5, "preempted": False, "kind": "paused"}
    runs = Runs(database, Workers(), Settings())
    paused, finished = runs.of("a" * 32)
    assert (finished.name, finished.state) == ("Finished", "finished")
    assert finished.card.ending == "complete"
    assert runs.history(finished.id).finished.ending == "complete"
    assert [epoch.epoch for epoch in runs.history(finished.id).epochs] == [1, 2, 3]
    assert runs.result(finished.id).files == {"model.keras": b"keras", "model.tflite": b"litert"}
    assert (paused.name, paused.state, paused.resumable) == ("Under way", "interrupted", True)
    assert runs.history(paused.id).paused.batch == 5
    (failed,) = runs.of("b" * 32)
    assert (failed.name, failed.state, failed.error) == ("Failed", "failed", "No memory.")
    with database.session() as session:  # as if a later version had written it
        session.execute(text("update runs set card = '{}' where name = 'Finished'"))
    assert [(run.name, run.card) for run in runs.of("a" * 32)] == [
        ("Under way", None),
        ("Finished", None),
    ]
    samples = Samples(database, Settings())
    assert list(samples.counts("a" * 32)) == [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert sum(samples.counts("b" * 32)) == 1
    runs.close()
