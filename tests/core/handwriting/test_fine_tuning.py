"""Real fine-tunings of a small network, in this process: a few seconds in all."""

import dataclasses

import numpy as np
import pytest

from core.errors import Abandoned, InvalidInput, TrainingDiverged
from core.handwriting.arrays import to_split
from core.handwriting.config import BaseNetwork, Outcome, TransferConfig
from core.handwriting.sample_files import to_npz
from core.metrics.accuracy import Change
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.networks.architecture import ARCHITECTURE, Architecture
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.schema import dump
from core.tasks.handwritten import load_builtin
from core.training.config import TrainingConfig
from core.training.events import BatchDone, EpochDone, Finished, Started
from core.training.history import History
from core.workers.commands import ControlQueue, Signal

pytestmark = [pytest.mark.keras, pytest.mark.slow]
NETWORK = Architecture((48, 24), 0.1, True, output="linear")
SETTINGS = TransferConfig(
    source="built-in", frozen=1, epochs=4, learning_rate=0.003, share=0.5, seed=3
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    from core.training.fit import train

    config = TrainingConfig(
        task="handwritten",
        source="built-in",
        architecture=NETWORK,
        epochs=12,
        batch_size=64,
        learning_rate=0.005,
    )
    trained = train(config)
    assert trained is not None
    card = trained.card.with_entries(motto="kept")
    store = ModelStore(tmp_path_factory.mktemp("models"))
    return BaseNetwork.of(store.save("base", trained.files, card))


@pytest.fixture(scope="module")
def strange():
    """Somebody's odd handwriting: the digits lie on their sides, as seen in a mirror."""
    split = load_builtin(None, 0, 0).validation
    x = (split.x[:160, ..., 0] * 255).round().astype(np.uint8)
    return np.ascontiguousarray(x.transpose(0, 2, 1)), split.y[:160].astype(np.uint8)


@pytest.fixture(scope="module")
def tuned(base, strange):
    from core.handwriting.fine_tuning import fine_tune

    events = []
    return fine_tune(base, *strange, SETTINGS, on_event=events.append), events


def weights(files):
    from core.networks.keras_files import read_network

    return read_network(files[KERAS_FILE]).get_weights()


def test_it_reads_the_persons_hand_better_and_forgets_little(tuned):
    model, _ = tuned
    outcome = Outcome.of(model.card.fine_tuned)
    assert outcome.own_before.total == outcome.own_after.total == 41
    assert outcome.own_before.value < 0.5
    assert outcome.own_after.value > outcome.own_before.value + 0.25
    assert outcome.base_before.value > 0.9
    assert outcome.base_after.value > outcome.base_before.value - 0.06
    for pair, (before, after) in zip(
        (outcome.own_pair, outcome.base_pair), outcome.rows, strict=True
    ):
        assert pair.both + pair.only_first == before.correct
        assert pair.both + pair.only_second == after.correct
        assert pair.total == before.total
    assert outcome.own_change is Change.BETTER


def test_frozen_layers_and_their_normalisation_stay_and_the_others_learn(base, tuned):
    before, after = weights(base.files), weights(tuned[0].files)
    same = [np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert same == [True] * 6 + [False] * 8


def test_the_card_tells_what_was_done(base, tuned, tmp_path):
    model, _ = tuned
    entry = model.card.entries["fine_tuned"]
    assert entry["base"]["name"] == "base"
    assert entry["base"]["checksum"] == base.card.files[KERAS_FILE]
    assert entry["samples"] == {"learned": 119, "kept_aside": 41}
    assert (entry["frozen"], entry["share"], entry["epochs"], entry["seed"]) == (1, 0.5, 4, 3)
    assert model.card.entries["calibration"] != base.card.entries["calibration"]  # measured anew
    assert model.card.entries["motto"] == "kept"
    assert model.card.entries["architecture"] == dump(ARCHITECTURE, NETWORK)
    store = ModelStore(tmp_path)
    saved = store.save("mine", model.files, model.card)
    assert saved.card.command.startswith("python -m core fine-tune base --samples ")
    assert saved.card.command.endswith("--name mine")
    assert [figure.total for figure in saved.figures] == [450, 41]
    assert model.files[LITERT_FILE] != base.files[LITERT_FILE]


def test_the_file_to_take_home_has_no_locked_layers(tuned):
    from core.networks.keras_files import read_network

    assert all(layer.trainable for layer in read_network(tuned[0].files[KERAS_FILE]).layers)


def test_it_tells_of_its_progress_with_time_left(tuned):
    _, events = tuned
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    done = [event for event in events if isinstance(event, EpochDone)]
    assert [event.epoch for event in done] == [1, 2, 3, 4]
    assert done[-1].loss < done[0].loss
    half = [e for e in events if isinstance(e, Started | EpochDone | BatchDone)][:-1]
    history = History.of(half, epochs_wanted=4)
    assert 0.5 < history.share < 1
    assert history.seconds_left is not None


def test_the_same_seed_and_samples_make_the_same_network(base, strange, tuned):
    from core.handwriting.fine_tuning import fine_tune

    x, y = strange
    again = fine_tune(base, x[::-1], y[::-1], SETTINGS)
    assert all(map(np.array_equal, weights(tuned[0].files), weights(again.files)))


def test_what_cannot_be_done_is_said_before_anything_is_learned(base, strange):
    from core.handwriting.fine_tuning import fine_tune

    x, y = strange
    with pytest.raises(InvalidInput, match="Freeze at most 2"):
        fine_tune(base, x, y, TransferConfig(source="built-in", frozen=3))
    with pytest.raises(InvalidInput, match="too few"):
        fine_tune(base, x[:9], y[:9], SETTINGS)


def test_a_stop_leaves_nothing_and_a_loss_that_is_no_number_is_told(base, strange, monkeypatch):
    from core.handwriting import fine_tuning

    controls = ControlQueue()
    controls.send(Signal("stop"))
    with pytest.raises(Abandoned, match="nothing was kept"):
        fine_tuning.fine_tune(base, *strange, SETTINGS, controls=controls)
    monkeypatch.setattr(fine_tuning.TrainingLoop, "steps", lambda *_: (float("nan"), 0))
    with pytest.raises(TrainingDiverged, match="smaller learning rate"):
        fine_tuning.fine_tune(base, *strange, SETTINGS)


@pytest.fixture(scope="module")
def with_signs(base, strange):
    """A network taught a cross and a bar beside somebody's odd digits, and the samples."""
    from core.handwriting.fine_tuning import fine_tune

    x, y = strange
    generator = np.random.default_rng(0)
    signs = np.zeros((24, 28, 28), np.uint8)
    for number, picture in enumerate(signs):
        row, column = generator.integers(11, 17, 2)
        ink = 225 + number  # no two are the same picture
        picture[row - 1 : row + 2, 4:24] = ink
        if number < 12:
            picture[4:24, column - 1 : column + 2] = ink
    x = np.concatenate([x, signs])
    y = np.concatenate([y, np.repeat([10, 11], 12)]).astype(np.uint8)
    settings = dataclasses.replace(SETTINGS, signs=True, frozen=0, epochs=8)
    return fine_tune(base, x, y, settings), x, y


def test_signs_that_it_could_not_read_are_learned_and_little_is_forgotten(with_signs):
    tuned, _, _ = with_signs
    outcome = Outcome.of(tuned.card.fine_tuned)
    (signs_before, signs_after), (digits_before, digits_after) = outcome.own_parts
    assert (signs_before.correct, signs_before.total) == (0, 6)
    assert signs_after.correct >= 5
    assert digits_before.total == 41
    assert digits_after.value > digits_before.value + 0.25
    assert outcome.base_after.value > outcome.base_before.value - 0.06
    assert outcome.own_before.total == 47
    assert outcome.signs_refused <= 1


def test_the_network_with_signs_is_saved_read_and_taught_again(base, with_signs, tmp_path):
    from core.handwriting.fine_tuning import fine_tune
    from core.jobs.evaluation import HeldOut
    from core.networks.saved_layers import parse_layers

    tuned, x, y = with_signs
    store = ModelStore(tmp_path)
    saved = store.save("signs", tuned.files, tuned.card)
    assert saved.task.name == "handwritten-signs"
    assert saved.card.command.endswith("--signs --name signs")
    assert saved.card.parameters == base.card.parameters + 2 * 25
    network = load_classifier(saved)
    assert network.threshold == saved.calibration.threshold > 0
    crosses = to_split(x[y == 10], y[y == 10])
    assert (network.predict(crosses.x).argmax(axis=1) == 10).mean() > 0.8
    (test, *_) = HeldOut.of(saved, "built-in").load().values()
    assert network.predict(test.x).shape == (450, 12)
    layers = parse_layers(tuned.files[KERAS_FILE], name="signs")
    assert layers[-1].weights[0].shape[-1] == 12
    assert len(layers) == len(parse_layers(base.files[KERAS_FILE], name="base"))
    again = fine_tune(
        BaseNetwork.of(saved, signs=True), x, y, dataclasses.replace(SETTINGS, signs=True, epochs=1)
    )
    assert (
        Outcome.of(again.card.fine_tuned).own_parts[0][0]
        == Outcome.of(tuned.card.fine_tuned).own_parts[0][1]
    )


def test_a_wider_network_answers_as_before_where_it_knew_an_answer(base):
    from core.handwriting.fine_tuning import widen
    from core.networks.keras_files import read_network

    x = load_builtin(None, 0, 0).validation.x[:50]
    network = read_network(base.files[KERAS_FILE])
    before = network.predict(x, verbose=0)
    wide = widen(network, 12, seed=1)
    after = wide.predict(x, verbose=0)
    np.testing.assert_allclose(after[:, :10], before, atol=1e-5)
    assert np.abs(wide.layers[-1].get_weights()[0][:, 10:]).max() < 0.1
    other = widen(read_network(base.files[KERAS_FILE]), 12, seed=1)
    assert all(map(np.array_equal, wide.get_weights(), other.get_weights()))


def test_networks_inside_a_network_are_frozen_layer_by_layer():
    import keras

    from core.handwriting.fine_tuning import freeze

    inner = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization()]
    )
    model = keras.Sequential(
        [keras.Input((4,)), inner, keras.layers.Dense(3), keras.layers.Dense(2)]
    )
    for count, trainable in ((0, 8), (1, 4), (2, 2)):
        freeze(model, count)
        assert len(model.trainable_weights) == trainable
    for layer in (*inner.layers, *model.layers[1:]):
        layer.trainable = True
    freeze(model, 0)
    assert len(model.trainable_weights) == 8


def test_the_command_line_does_the_same(base, strange, tmp_path, monkeypatch, capsys):
    from core.cli import main

    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    ModelStore().save("base", base.files, base.card.with_entries(command="x"))
    file = tmp_path / "mine.npz"
    file.write_bytes(to_npz(*strange))
    words = f"fine-tune base --samples {file} --data built-in --frozen 1 --epochs 2 --name mine"
    assert main(words.split()) == 0
    printed = capsys.readouterr().out
    assert printed.count("before: ") == printed.count("after:  ") == 2
    assert "own samples kept aside" in printed
    saved = ModelStore().get("mine")
    assert saved.card.entries["fine_tuned"]["epochs"] == 2
    assert main(words.split()) == 2
    assert "--replace" in capsys.readouterr().err
    file.write_bytes(b"junk")
    assert main([*words.split()[:-1], "other"]) == 2
    assert "neither" in capsys.readouterr().err
    file.write_bytes(to_npz(*strange))
    assert main([*words.split()[:-1], "other", "--signs"]) == 2
    assert "To teach a sign" in capsys.readouterr().err
    assert main(["fine-tune", "base", "--samples", str(tmp_path / "none.npz")]) == 2
    assert "cannot be read" in capsys.readouterr().err
