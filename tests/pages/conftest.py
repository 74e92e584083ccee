"""Pages without a browser: `AppTest` runs the app's script, and no worker process is started."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import Accuracy
from core.models.store import ModelStore
from core.noise.base import LEVELS
from core.workers.job import Job, JobProducer, JobSpec, Listener
from core.workers.pool import Workers
from tests.support.app_test import app_from_file
from ui.components.sheet import SQUARE, Sheet
from ui.services import server

APP = Path(__file__).resolve().parents[2] / "app.py"


def sent(sheet: Sheet, strokes: Sequence[Sequence[float]], **also: Any) -> dict[str, Any]:
    """Returns a sheet's message, less the owner: each stroke `[x, y, x, y, ...]`, 20 wide."""
    return {
        "revision": len(strokes) + 1000 * int(sum(map(sum, strokes))),
        "strokes": [{"width": 20, "points": list(points)} for points in strokes],
        "full": [],
    } | also


def draw(app: AppTest, *strokes: Sequence[float], sheet: Sheet = SQUARE, **also: Any) -> AppTest:
    """Puts strokes on a sheet as a browser does, and runs the page."""
    owner = next(
        data["owner"]
        for element in app.get("bidi_component")
        if (data := json.loads(element.proto.json or "{}")).get("name") == sheet.name
    )
    message = sent(sheet, strokes, **also) | {"owner": owner}
    app.session_state[f"sheet-{sheet.name}"] = {"drawing": message}
    return app.run()


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[JobProducer[Any]]:
    """The jobs that pages hand to the workers: kept here, and done by whom the test plays."""
    producers: list[JobProducer[Any]] = []

    def submit(self: Workers, spec: JobSpec[Any], *, listener: Listener | None = None) -> Job[Any]:
        producers.append(JobProducer(f"job-{len(producers)}", spec, listener))
        return producers[-1].job

    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/runs.sqlite3")
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path / "uploads"))
    monkeypatch.setattr(Workers, "submit", submit)
    monkeypatch.setattr(Workers, "training_slots", lambda self: 1)
    monkeypatch.setattr(Workers, "warm_up", lambda self, first, load: None)
    return producers


@pytest.fixture
def open_page(submitted: list[JobProducer[Any]]) -> Iterator[Callable[..., AppTest]]:
    """Opens a page as a new visitor: `open_page("noise", level="0.1")`."""
    server.close()
    st.cache_resource.clear()
    models = ModelStore()
    before = set(models.names())

    def open_one(name: str, **parameters: str) -> AppTest:
        app = app_from_file(APP)
        # The address is read when a page is entered, so the visitor must enter by that page.
        app.switch_page(f"pages/{name}.py")
        for parameter, value in parameters.items():
            app.query_params[parameter] = value
        return app.run()

    yield open_one
    server.close()
    st.cache_resource.clear()
    for name in set(models.names()) - before:  # all tests of a process share the folder
        shutil.rmtree(models.root / name)


def jobs_of(
    submitted: Sequence[JobProducer[Any]], kind: type[JobSpec[Any]]
) -> list[JobProducer[Any]]:
    """Returns the jobs of one kind, in the order in which they were handed over."""
    return [producer for producer in submitted if isinstance(producer.job.spec, kind)]


def kinds_of(submitted: Sequence[JobProducer[Any]]) -> list[type[JobSpec[Any]]]:
    """Returns the kinds of the jobs, in the order in which they were handed over."""
    return [type(producer.job.spec) for producer in submitted]


def measured_points(correct: int, total: int = 1000) -> list[NoisePoint]:
    """Returns a noise curve as a worker does: `correct` at level 0, and falling with the level."""
    return [
        NoisePoint(
            level,
            Accuracy("examples", round(correct * (1 - level)), total),
            np.zeros((10, 10), np.int64),
            0.9,
        )
        for level in LEVELS
    ]


def shared(app: AppTest) -> dict[str, str]:
    """Returns what the page puts into the address bar."""
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json or "{}")
        if "parameters" in data:
            return dict(data["parameters"])
    raise AssertionError("the page shares nothing")


def notes(app: AppTest) -> str:
    """Returns the text of all notes on the page."""
    return "\n".join(element.value for element in app.warning)


def answer(app: AppTest) -> str:
    """Returns the HTML that holds the predicted digit."""
    found = [e.proto.body for e in app.get("html") if 'digit-lab-answer">' in e.proto.body]
    return found[0] if found else ""
