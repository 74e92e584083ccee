import pytest

from core.metrics.accuracy import FIGURES, Accuracy
from core.models.store import ModelStore
from core.schema import dump
from tests.support.models import card_of_ensemble, save_copy
from ui.wording.cards import (
    alone_of,
    calibration_of,
    created_words,
    made_of,
    size_words,
    training_of,
)


def words(rows):
    return {row.title: row.words for row in rows}


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path)


def test_a_card_is_told_in_words_and_without_what_did_nothing(store):
    model = save_copy(store, "seven-segment", "mine", seed=7, epochs_done=12, ending="early")
    assert words(made_of(model)) == {
        "Network": model.architecture.summary,
        "Parameters (weights)": "1,162",
    }
    told = words(training_of(model))
    assert told["Data"] == "Generated patterns"
    assert told["Noise on the data"] == "Mixed faults at 0.3"
    assert told["Training examples"] == "22,000"
    assert told["Epochs"] == "12 of 20, stopped early, the best weights kept"
    assert (told["Optimiser"], told["Learning rate"], told["Seed"]) == ("Adam", "0.01", "7")
    assert told["Made on"] == "2026-11-21"
    assert not {"Rotation (degrees)", "Momentum", "Weight decay"} & set(told)


def test_an_ensemble_tells_who_votes_and_what_each_can_do_alone(store):
    members = [save_copy(store, "handwritten-dense", name) for name in ("a", "b")]
    alone = {name: dump(FIGURES, [Accuracy("d", 9, 10)]) for name in ("a", "b")}
    model = store.save("both", {}, card_of_ensemble(*members, alone=alone, shifts=True))
    assert words(made_of(model))["Test-time augmentation"] == "five copies"
    assert [figure.value for figure in alone_of(model)] == [0.9, 0.9]
    assert "Seed" not in words(training_of(model))
    bare = store.save("bare", {}, card_of_ensemble(*members))
    assert alone_of(bare) == []
    assert created_words(bare) == "unknown"


def test_calibration_is_told_with_its_intervals():
    told = calibration_of(ModelStore().get("handwritten").calibration)
    assert words(told)["Temperature"] == "1.0952"
    assert words(told)["Refuses below a confidence of"] == "54.6 %"
    assert "0.60 % of 10,000 MNIST test images" in [row.words for row in told][3]


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": None, "versions": None, "examples": None, "training_seconds": None},
        {"created": "long ago", "fine_tuned": {}, "ending": "struck by lightning"},
        {"examples": {}, "fine_tuned": {"base": None, "samples": {}}, "created": None},
    ],
)
def test_what_a_card_need_not_tell_cannot_break_the_words(store, changes):
    model = save_copy(store, "seven-segment", "mine", **changes)
    assert made_of(model)
    assert training_of(model)


def test_sizes_are_written_as_people_do():
    assert [size_words(n) for n in (0, 1, 6568, 1_234_567)] == ["–", "1 kB", "7 kB", "1.2 MB"]
