"""Networks in whole numbers: those beside the bundled cards, and how they come about."""

import sys
import types

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from core.errors import ModelUnusable
from core.export.formats import FORMATS, make
from core.export.int8 import MAX_LOSS, keep, quantise, unavailable
from core.inference.predictor import Predictor
from core.models.store import ModelStore
from core.networks.formats import INT8_FILE, LITERT_FILE
from tests.support.models import save_copy

BUNDLED = [model for model in ModelStore().models() if not model.is_ensemble]


def ignore(note, done=0, total=0):
    pass


def probabilities(data, model, x):
    shape, classes = model.task.input_shape, len(model.task.classes)
    return Predictor(data, input_shape=shape, num_classes=classes).predict(x)


def right(data, model, split):
    return int((probabilities(data, model, split.x).argmax(axis=1) == split.y).sum())


@pytest.mark.parametrize("model", BUNDLED, ids=lambda model: model.name)
def test_each_bundled_network_has_one_that_computes_in_whole_numbers(model):
    exported = make(model, FORMATS["int8"], ignore)
    interpreter = Interpreter(model_content=exported.data)
    ends = (*interpreter.get_input_details(), *interpreter.get_output_details())
    assert [end["dtype"].__name__ for end in ends] == ["float32", "float32"]
    inside = [tensor["dtype"].__name__ for tensor in interpreter.get_tensor_details()]
    assert "int8" in inside
    assert inside.count("float32") == 2  # the two ends
    card = exported.int8
    assert [each.data for each in card.before] == [each.data for each in model.figures]
    for before, after, pair in zip(card.before, card.after, card.pairs, strict=True):
        assert (before.correct, after.correct) == (
            pair.both + pair.only_first,
            pair.both + pair.only_second,
        )
        assert not pair.is_decided  # no loss that is more than luck
    lost = card.exact[0] - card.exact[1] if card.exact else None
    if lost is None and card.before[0].total >= 1_000:
        lost = card.before[0].value - card.after[0].value
    assert lost is None or lost <= MAX_LOSS


@pytest.mark.parametrize("name", ["parity", "gestures", "seven-segment"])
def test_the_figures_on_a_card_are_the_file_s(name):
    model = ModelStore().get(name)
    for words, after in zip(model.held_out().tests.items(), model.card.int8.after, strict=True):
        assert right(model.read(INT8_FILE), model, words[1]) == after.correct


@pytest.mark.keras
@pytest.mark.slow
def test_the_command_makes_the_bundled_file_again():
    model = ModelStore().get("gestures")
    again = quantise(model, ignore)
    assert again.int8.scheme == model.card.int8.scheme == "int16"  # 8 bits cost it too much
    (split,) = model.held_out().tests.values()
    answers = [probabilities(data, model, split.x) for data in (again.data, model.read(INT8_FILE))]
    np.testing.assert_allclose(*answers, atol=0.01)  # another processor may round otherwise


def test_the_first_scheme_that_costs_little_is_taken_else_the_best(monkeypatch):
    """Networks that were trained on other noise play the bad ones."""
    store = ModelStore()
    model = store.get("seven-segment-flip")
    fake = types.ModuleType("core.export.int8_conversion")
    monkeypatch.setitem(sys.modules, fake.__name__, fake)
    good, bad, worse = (
        store.get(f"seven-segment-{name}").read(LITERT_FILE)
        for name in ("flip", "one-fault", "extra")
    )
    for files, best in (
        ({"int8": good}, "int8"),
        ({"int8": bad, "int16": good}, "int16"),
        ({"int8": worse, "int16": bad, "dynamic": good}, "int16"),  # the last is not smaller
        ({"int8": bad, "int16": worse, "dynamic": worse}, "int8"),
    ):
        fake.to_int8 = lambda network, model, examples, scheme, files=files: files[scheme]
        exported = quantise(model, ignore)
        assert (exported.int8.scheme, exported.data) == (best, files[best])


def test_it_is_kept_beside_the_card_goes_with_the_model_and_is_noticed_when_damaged(tmp_path):
    store = ModelStore(tmp_path)
    model = save_copy(store, "parity", "mine")
    assert INT8_FILE not in model.card.files
    before = model.version
    made = make(ModelStore().get("parity"), FORMATS["int8"], ignore)
    model = keep(store, model, made)
    assert model.version == before  # the answers of the app are the same
    model = store.rename("mine", "yours", by=None)
    assert FORMATS["int8"].kept(model) == made
    assert model.card.command.endswith("--name yours")
    (tmp_path / "yours" / INT8_FILE).write_bytes(b"x")
    with pytest.raises(ModelUnusable, match="damaged"):
        store.get("yours")


def test_without_its_data_a_network_says_so(monkeypatch, tmp_path):
    store = ModelStore(tmp_path)
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    model = save_copy(store, "handwritten-dense", "mine")
    assert "Its data is needed" in unavailable(model)
    assert not unavailable(ModelStore().get("handwritten-dense"))  # it is there already
