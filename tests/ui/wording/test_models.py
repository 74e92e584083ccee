from dataclasses import replace

import pytest

from core.metrics.accuracy import ExactAccuracy
from core.models.store import ModelStore
from tests.support.models import card_of_ensemble, save_copy
from ui.wording.models import model_details, model_in_short, where_it_comes_from


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "seven-segment",
            "Reads every clean digit; 65.6 % right on 11,000 test examples, mixed faults at 0.3 (1"
            " in 11 clean).",
        ),
        ("handwritten-cnn", "99.3 % right on 10,000 test digits of MNIST."),
        (
            "handwritten",
            "99.5 % right on 10,000 test digits of MNIST and 99.0 % on 1,498 pen strokes by 6"
            " writers kept for testing.",
        ),
    ],
)
def test_a_model_is_described_in_one_plain_sentence(name, sentence):
    assert model_in_short(ModelStore().get(name)) == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "seven-segment-extra",
            "Dense network with 1,162 weights, trained on generated patterns with the noise “Extra"
            " segments” at 0.3.",
        ),
        ("handwritten-cnn", "Convolutional network with 225,034 weights, trained on MNIST."),
        (
            "handwritten",
            "Convolutional network with 110,522 weights, trained on MNIST and pen strokes, each"
            " picture bent and moved a little at random (augmentation).",
        ),
        (
            "handwritten-ensemble",
            "5 networks that vote: handwritten, handwritten-large, handwritten-kernel-5,"
            " handwritten-kernel-7 and handwritten-mnist.",
        ),
    ],
)
def test_where_a_model_comes_from_tells_it_from_others(name, sentence):
    assert where_it_comes_from(ModelStore().get(name)) == sentence


def test_where_theory_knows_it_the_sentence_holds_the_exact_accuracy_and_its_limit():
    exact = ExactAccuracy("bit flip at 0.15", 0.62018, 0.62128)
    model = ModelStore().get("seven-segment")
    assert model_in_short(model, exact) == (
        "Reads every clean digit; right on 62.0 % at noise 0.15 (bit flip), where 62.1 % is the"
        " best possible."
    )
    details = model_details(model, exact)
    assert "Accuracy: 62.02 %, exact, bit flip at 0.15. 65.64 % on 11,000 test examples" in details
    assert "100.00 % on all 10 clean patterns." in details


def test_clean_digits_that_it_cannot_read_are_counted():
    model = ModelStore().get("seven-segment")
    clean = {"data": "clean patterns", "correct": 9, "total": 10, "exhaustive": True}
    worse = replace(model, card=model.card.with_entries(figures=[clean]))
    assert model_in_short(worse) == "Reads 9 of the 10 clean digits."


def test_a_model_on_which_nothing_was_measured_says_so(tmp_path):
    store = ModelStore(tmp_path)
    members = [save_copy(store, "handwritten-dense", name) for name in ("a", "b")]
    model = store.save("both", {}, card_of_ensemble(*members))
    assert model_in_short(model) == "Its accuracy was not measured."


def test_the_details_name_the_layers_and_the_interval():
    words = model_details(ModelStore().get("handwritten-cnn"))
    assert words.startswith("conv 32, conv 64, dense 128, dropout 0.5; seed 0.")
    assert "95 % interval 99.08 % to 99.42 %" in words
