"""The page about a person's own table, without a browser and without worker processes."""

import json

import numpy as np
import pytest

from core.datasets.tables import storage
from core.datasets.tables.applying import fills
from core.datasets.tables.description import Choices
from core.inference.predictor import Classifier
from core.jobs.tables import LeakageJob, PrepareTableJob, TableProfileJob
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.schema import dump
from core.tasks.base import get_task
from core.training.card import parse_card
from core.training.config import CONFIG, TrainingConfig
from tests.pages.conftest import jobs_of, shared
from tests.support.jobs import RecordingContext
from tests.support.tables import fruit, record_of
from ui.services import saved_models, server

DATA = fruit()
RECORD = record_of(DATA)


@pytest.fixture(autouse=True)
def only_these_tables():
    storage._records.clear()
    yield
    storage._records.clear()


def do(producer):
    """Does a job here that the page has handed to the workers."""
    producer.finish(producer.job.spec.run(RecordingContext()))


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def text(app):
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.info))


def test_a_file_becomes_a_table_of_ones_own(open_page, submitted):
    app = open_page("table", file=storage.keep_draft(DATA), title="My <b>fruit</b>")
    do(submitted[-1])
    app.run()
    assert "90 rows, 4 columns; semicolons between the cells, a decimal comma" in text(app)
    assert app.selectbox(key="table_target").value == 3
    assert app.multiselect(key="table_out").value == []
    app.multiselect(key="table_out").select(1).run()
    app.selectbox(key="table_scaling").select("min-max").run()
    press(app, "Prepare this table")
    (asked,) = jobs_of(submitted, PrepareTableJob)
    assert asked.job.spec.choices == Choices(
        title="My ‹b›fruit‹/b›",
        target=3,
        kinds=("number", "out", "category", "category"),
        header=True,
        scaling="min-max",
    )
    do(asked)
    app.run()
    name = asked.job.result.name
    assert shared(app)["table"] == name
    assert "**sorte** is to be predicted from 2 columns: 3 classes." in text(app)
    owner = server.own_tables()
    assert owner.of("nobody") == []
    assert list(app.selectbox(key="table_name").options)[1] == "My ‹b›fruit‹/b›"
    assert get_task(name).source(name).missing() is None
    # The person finds it among the tasks of the other pages, after those that are built in.
    app.switch_page("pages/dataset.py").run()
    assert list(app.selectbox(key="dataset_task").options)[-1] == "My ‹b›fruit‹/b›"
    # Deleted, it is gone from the list.
    app.switch_page("pages/table.py").run()
    press(app, "Delete it")
    assert "My ‹b›fruit‹/b›" not in app.selectbox(key="table_name").options


def test_a_bad_file_is_answered_with_its_row_and_choices_that_do_not_fit_with_a_sentence(
    open_page, submitted
):
    app = open_page("table", file=storage.keep_draft(b"a,b\n1,2\n3\n"))
    submitted[-1].fail("Row 3: expected 2 fields, as in the first row. Found: 1.")
    app.run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "Row 3: expected 2 fields, as in the first row. Found: 1."
    ]


def test_a_link_to_a_file_or_table_that_is_gone_says_so(open_page):
    app = open_page("table", file="draft-0123456789abcdef")
    assert "Please upload it again" in app.error[0].value
    app = open_page("table", table="table-0123456789abcdef")
    assert "There is no table" in app.warning[0].value
    assert not app.exception


def test_whoever_has_the_link_can_look_but_not_delete(open_page, submitted):
    name = server.own_tables().add("somebody", RECORD, DATA)
    app = open_page("table", table=name)
    assert "somebody else's" in text(app)
    assert "Delete it" not in [button.label for button in app.button]
    (leaks,) = jobs_of(submitted, LeakageJob)
    do(leaks)
    app.run()
    assert "Nothing to learn, yet it seems to work." in text(app)
    assert not app.exception


class Fruiterer(Classifier):
    """Answers by the first input alone, and notes what it was asked."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def predict_uncalibrated(self, x):
        self.asked.append(x)
        answers = np.full((len(x), 3), 0.1, np.float32)
        answers[np.arange(len(x)), (x[:, 0] > 0).astype(int)] = 0.8
        return answers


def test_a_raw_row_is_answered_by_a_saved_network_even_without_the_rows(open_page, monkeypatch):
    task = get_task(server.own_tables().add("somebody", RECORD, DATA))
    config = TrainingConfig.from_recipe(task, task.recipes[0])
    entries = {**dump(CONFIG, config), "figures": [], "command": "", "table": RECORD.entries}
    files = {KERAS_FILE: b"k", LITERT_FILE: b"l"}
    ModelStore().save("fruiterer", files, parse_card(json.loads(json.dumps(entries))))
    storage.delete_rows(RECORD, [])
    network = Fruiterer()
    monkeypatch.setattr(saved_models, "predictor", lambda model: network)
    app = open_page("table", table=task.name, row="[3.5,null,null]")
    assert not app.exception
    assert storage.GONE in app.warning[0].value
    assert [field.value for field in app.number_input] == [3.5, None]
    np.testing.assert_array_equal(network.asked[-1][0, 1:], fills(RECORD)[1:])
    app.number_input[0].set_value(99.0).run()
    assert network.asked[-1][0, 0] > 5
    assert "training rows: " in "\n".join(warning.value for warning in app.warning)
    assert shared(app)["row"].startswith("[99.0")


def test_the_first_look_is_asked_for_once_for_the_same_file(open_page, submitted):
    name = storage.keep_draft(DATA)
    for _ in range(2):
        open_page("table", file=name)
    assert len(jobs_of(submitted, TableProfileJob)) == 1
