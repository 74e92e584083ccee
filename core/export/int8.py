"""A network in whole numbers (quantised): a quarter of the size, and faster on small machines.

Weights and activations become whole numbers of 8 bits, each with a scale: one for every output of a
layer's weights (per channel), and one for every activation, found on examples of the task. Inputs
and outputs stay float32, so that whatever reads the LiteRT file reads this one too, with the same
numbers; the conversion at both ends costs next to nothing.

Where 8 bits cost more than MAX_LOSS of the accuracy, other schemes are tried: activations of 16
bits, and then activations left as they are. What decides is the validation data, which no network
learns from, or theory where it gives the accuracy exactly; the test data is only measured.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, Inputs, Split
from core.errors import DigitLabError
from core.export.format import Exported, Report, WorkerFormat, needs_network
from core.inference.predictor import Predictor
from core.metrics.accuracy import accuracy_of_right
from core.metrics.paired import PairedAnswers
from core.models.refresh import rewrite
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.networks.formats import INT8_FILE, KERAS_FILE, LITERT_FILE, SCHEMES
from core.segments.bayes import expected_accuracy, rule_of
from core.segments.patterns import ALL_PATTERNS
from core.training.card import Int8

MAX_LOSS = 0.001  # of the accuracy
REPRESENTATIVE = 500  # validation examples on which the scales of the activations are found
_SMALLER = 0.75  # a file of the dynamic scheme is at most this share of the float one
_BATCH = 1024
_SEED = 0


def unavailable(model: SavedModel) -> str:
    """Says why a network cannot be quantised; empty if it can."""
    if why := needs_network(model):
        return why
    if kept(model) is not None:
        return ""
    try:
        missing = model.task.source(model.card.source).missing()
    except DigitLabError as error:
        return str(error)
    return f"Its data is needed to find the scales. {missing}" if missing else ""


def kept(model: SavedModel) -> Exported | None:
    """Returns the file beside the card, if there is one."""
    if model.card.int8 is None or INT8_FILE not in model.card.files:
        return None
    return Exported(model.read(INT8_FILE), int8=model.card.int8)


def keep(store: ModelStore, model: SavedModel, exported: Exported) -> SavedModel:
    """Puts what `quantise` has made beside the model's card, and its figures on it.

    Raises:
        ModelUnusable: if that cannot be written.
    """
    assert exported.int8 is not None
    files = {file: model.read(file) for file in model.card.files}
    entry = exported.int8.model_dump(mode="json")
    return rewrite(store, model, files | {INT8_FILE: exported.data}, int8=entry)


def quantise(model: SavedModel, report: Report) -> Exported:
    """Returns a network in whole numbers, measured beside the one that it comes from.

    Args:
        model: the network.
        report: told how far it is.

    Raises:
        DataUnavailable: if the data that it has learned from is not there.
        ModelUnusable: if it cannot be converted.
    """
    report("Opening the data")
    dataset = model.held_out()
    before = _answers_by(model.read(LITERT_FILE), model)
    scheme, data = _best(model, dataset, before, report)
    after = _answers_by(data, model)
    figures, quantised, pairs = [], [], []
    for words, split in dataset.tests.items():
        first = _right(before, split, report, f"Measuring it before, on {words}")
        second = _right(after, split, report, f"Measuring it afterwards, on {words}")
        figures.append(accuracy_of_right(first, split, data=words))
        quantised.append(accuracy_of_right(second, split, data=words))
        pairs.append(PairedAnswers.of_right(first, second, exhaustive=split.exhaustive))
    exact = [_exact(answers, model) for answers in (before, after)]
    int8 = Int8(
        scheme=scheme,
        before=tuple(figures),
        after=tuple(quantised),
        pairs=tuple(pairs),
        exact=None if exact[0] is None or exact[1] is None else (exact[0], exact[1]),
    )
    return Exported(data, int8=int8)


INT8 = WorkerFormat(
    name="int8",
    title="int8 file",
    ending="-int8.tflite",
    unavailable=unavailable,
    make=quantise,
    kept=kept,
)

_Answers = Callable[[Inputs], NDArray[np.float32]]


def _answers_by(network: bytes, model: SavedModel) -> _Answers:
    task = model.task
    predictor = Predictor(network, input_shape=task.input_shape, num_classes=len(task.classes))
    return predictor.predict


def _best(
    model: SavedModel, dataset: Dataset, before: _Answers, report: Report
) -> tuple[str, bytes]:
    """Returns the first scheme that costs little, else the one that costs least, and its file."""
    from core.export.int8_conversion import to_int8

    validation = dataset.validation
    order = np.random.default_rng(_SEED).permutation(len(validation))
    representative = validation.x[order[:REPRESENTATIVE]]
    share = _share(before, model, validation, report, "Measuring it on validation data")
    found: dict[str, tuple[float, bytes]] = {}
    for scheme, words in SCHEMES.items():
        report(f"Converting: {words}")
        data = to_int8(model.read(KERAS_FILE), model, representative, scheme)
        if scheme == "dynamic" and len(data) > _SMALLER * len(model.read(LITERT_FILE)):
            continue  # the converter leaves small layers as they are: nothing is gained
        after = _answers_by(data, model)
        found[scheme] = share - _share(after, model, validation, report, f"Trying {words}"), data
        if found[scheme][0] <= MAX_LOSS:
            break
    scheme = min(found, key=lambda name: found[name][0])
    return scheme, found[scheme][1]


def _share(
    answers: _Answers, model: SavedModel, validation: Split, report: Report, note: str
) -> float:
    """Returns how often the answers are right, 0..1: exactly, where theory gives it.

    On a noisy display several digits may be equally probable. Which of them a network names is
    decided by the last decimal places, and on a sample of examples that looks like a loss.
    """
    exact = _exact(answers, model)
    return float(_right(answers, validation, report, note).mean()) if exact is None else exact


def _exact(answers: _Answers, model: SavedModel) -> float | None:
    noise, level = model.noise
    channel = model.task.exact_channel(noise) if noise else None
    if channel is None:
        return None
    return expected_accuracy(rule_of(answers(ALL_PATTERNS)), channel.likelihood(level))


def _right(answers: _Answers, split: Split, report: Report, note: str) -> NDArray[np.bool_]:
    """Returns which examples are classified correctly: bool, shape (n,)."""
    parts = []
    for start in range(0, len(split), _BATCH):
        report(note, start, len(split))
        x, y = split.x[start : start + _BATCH], split.y[start : start + _BATCH]
        parts.append(answers(x).argmax(axis=1) == y)
    return np.concatenate(parts)
