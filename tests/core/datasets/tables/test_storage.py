"""Tables as files: named by content, carried to workers, understood when they are gone."""

import json

import numpy as np
import pytest

from core.datasets import uploads
from core.datasets.tables import parts, storage
from core.datasets.tables.description import parse_record
from core.errors import DataUnavailable, InvalidInput
from core.schema import dump
from core.tasks.base import get_task
from core.tasks.tables import table_task
from core.training.card import parse_card
from core.training.config import CONFIG, TrainingConfig
from tests.support.tables import fruit, record_of

DATA = fruit()
RECORD = record_of(DATA)


@pytest.fixture
def folder(monkeypatch, tmp_path):
    def move(name):
        monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path / name))
        storage._records.clear()
        parts._loaded.clear()
        table_task.cache_clear()
        return tmp_path / name

    yield move
    move("gone")


def test_a_table_is_a_task_that_networks_can_learn(folder):
    folder("here")
    task = get_task(storage.keep(RECORD, DATA))
    assert task.input_shape == (5,)
    assert task.features == ("größe", "gewicht", "farbe = gelb", "farbe = grün", "farbe = rot")
    assert task.classes == ("Apfel", "Birne", "Melone")
    assert task is get_task(task.name)
    dataset = task.available_source().load(None, 0.0, 0)
    assert (len(dataset.train), len(dataset.validation)) == (53, 14)
    ((words, test),) = dataset.tests.items()
    assert words == "rows of “Fruit” kept for testing"
    assert len(test) == 23
    assert {task.picture(x).dtype for x in test.x} == {np.dtype(np.uint8)}
    for recipe in task.recipes:
        assert TrainingConfig.from_recipe(task, recipe).parameters > 0


def test_noise_moves_numbers_only_and_missing_values_are_filled(folder):
    folder("here")
    task = get_task(storage.keep(RECORD, DATA))
    x = task.available_source().examples(1000).x
    measuring, missing = (n.apply(x, level=0.5, random_state=0) for n in task.noises)
    np.testing.assert_array_equal(measuring[:, 2:], x[:, 2:])
    moved = (measuring - x)[:, :2]
    assert 0.3 < moved.std() < 0.7
    assert set(missing[:, 2:].sum(axis=1)) == {1}
    lost = task.noises[1].apply(x, level=1, random_state=0)
    assert len(np.unique(lost, axis=0)) == 1


def test_another_machine_gets_all_it_needs_with_the_job(folder):
    folder("here")
    name = storage.keep(RECORD, DATA)
    carried = uploads.to_carry(name)
    folder("there")
    with pytest.raises(InvalidInput, match="no table"):
        get_task(name)
    with pytest.raises(DataUnavailable):
        uploads.must_carry(name)
    assert uploads.to_carry(name) is None
    uploads.unpack(carried)
    assert len(get_task(name).available_source().load(None, 0.0, 0).train) == 53


def test_prepared_rows_are_found_again_and_damaged_ones_made_anew(folder):
    there = folder("here")
    name = storage.keep(RECORD, DATA)
    wanted = get_task(name).available_source().load(None, 0.0, 0).train.x
    for damage in (b"", b"PK\x03\x04", None):
        parts._loaded.clear()
        if damage is not None:
            (there / f"{name}.npz").write_bytes(damage)
        np.testing.assert_array_equal(
            get_task(name).available_source().load(None, 0.0, 0).train.x, wanted
        )


def test_a_changed_record_is_not_taken_for_the_one_that_its_name_means(folder):
    there = folder("here")
    name = storage.keep(RECORD, DATA)
    storage._records.clear()
    entries = json.loads((there / f"{name}.json").read_text())
    entries["inputs"][0]["fill"] += 1
    (there / f"{name}.json").write_text(json.dumps(entries))
    with pytest.raises(InvalidInput, match="no table"):
        storage.known(name)


def test_a_card_makes_its_table_known_and_a_false_one_is_refused(folder):
    folder("here")
    name = storage.keep(RECORD, DATA)
    task = get_task(name)
    config = TrainingConfig.from_recipe(task, task.recipes[0])
    card = {**dump(CONFIG, config), "figures": [], "command": "", "table": RECORD.entries}
    folder("there")
    assert parse_card(json.loads(json.dumps(card))).table == RECORD
    assert get_task(name).classes == RECORD.classes
    assert "not on this server" in get_task(name).available_source().missing()
    other = record_of(DATA, seed=1).entries
    with pytest.raises(InvalidInput, match="another than the one that it names"):
        parse_card({**card, "table": other})
    with pytest.raises(InvalidInput, match="not the description of a table"):
        parse_card({**card, "table": {**RECORD.entries, "rows": "many"}})


def test_what_is_too_large_or_wrong_in_a_record_is_refused():
    entries = RECORD.entries
    for change in (
        {"inputs": []},
        {"classes": ["a"]},
        {"digest": "x"},
        {"inputs": [{**entries["inputs"][0], "column": 9}]},
        {"inputs": [{**entries["inputs"][0], "factor": 0.0}]},
        {"inputs": [{**entries["inputs"][0], "fill": float("nan")}]},
        {"inputs": entries["inputs"][::-1]},
        {"choices": {**entries["choices"], "hands": True}},
        {"more": 1},
    ):
        with pytest.raises(InvalidInput, match="not the description of a table"):
            parse_record({**entries, **change})


def test_rows_stay_as_long_as_another_table_needs_them(folder):
    there = folder("here")
    other = record_of(DATA, seed=1)
    for record in (RECORD, other):
        storage.keep(record, DATA)
    storage.delete_rows(RECORD, [other])
    assert storage.rows(other) == DATA
    storage.delete_rows(other, [])
    assert storage.missing(other) == storage.GONE
    assert not list(there.glob("rows-*"))
    assert get_task(RECORD.name).title == "Fruit"  # networks that learned from it need the record


def test_drafts_are_found_until_others_need_the_room(folder, monkeypatch):
    folder("here")
    monkeypatch.setattr(storage, "MAX_DRAFTS", 2)
    names = [storage.keep_draft(data) for data in (b"one", b"two", b"three")]
    assert storage.draft(names[2]) == b"three"
    with pytest.raises(DataUnavailable, match="upload it again"):
        storage.draft(names[0])
    with pytest.raises(DataUnavailable, match="upload it again"):
        storage.draft("../../etc/passwd")
