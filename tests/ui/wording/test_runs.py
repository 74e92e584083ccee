import dataclasses
from datetime import UTC, datetime

from core.metrics.accuracy import FIGURES, Accuracy
from core.networks.architecture import Architecture
from core.runs.info import RunInfo
from core.schema import dump
from core.tasks.base import get_task
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Finished, Paused, Started
from core.training.history import History
from tests.support.models import card_of_network
from ui.wording.runs import (
    accuracy_in_words,
    changes,
    figure_words,
    result,
    run_name,
    settings_in_common,
    settings_that_differ,
    state_in_words,
)

CONFIG = TrainingConfig(
    task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=4
)
OTHER = dataclasses.replace(
    CONFIG, architecture=Architecture((16,)), optimizer="sgd", learning_rate=0.1
)
STARTED = Started(154, 1000, 10)
EPOCHS = [EpochDone(n, 0.5, 0.8, 1 / n, n / 10, 2.0 * n) for n in (1, 2)]

FIGURE = dump(FIGURES, [Accuracy("patterns", 60, 100)])


def info(state, **changes):
    return RunInfo("id", "me", "name", state, datetime.now(UTC), CONFIG, **changes)


def test_only_what_differs_is_listed_in_words():
    assert settings_that_differ([CONFIG, OTHER, CONFIG]) == {
        "Network": ["dense 8", "dense 16", "dense 8"],
        "Optimiser": ["Adam", "SGD with momentum", "Adam"],
        "Learning rate": ["0.001", "0.1", "0.001"],
    }
    common = settings_in_common([CONFIG, OTHER])
    assert common["Epochs"] == "4"
    assert "Learning rate" not in common


def test_nothing_and_one_run_differ_in_nothing():
    assert settings_that_differ([]) == {}
    assert settings_that_differ([CONFIG]) == {}
    assert settings_in_common([]) == {}


def test_numbers_are_written_so_that_a_difference_is_seen():
    configs = [
        dataclasses.replace(CONFIG, seed=seed, learning_rate=rate)
        for seed, rate in ((123_456_789, 0.00123456), (2**31 - 1, 0.001234561))
    ]
    assert settings_that_differ(configs) == {
        "Learning rate": ["0.00123456", "0.001234561"],
        "Seed": ["123456789", "2147483647"],
    }


def test_a_result_has_the_interval_and_the_best_epoch():
    history = History.of([STARTED, *EPOCHS, Finished("stopped", 2, 2)], epochs_wanted=4)
    card = card_of_network(figures=FIGURE)
    row = result(info("finished", card=card), history)
    assert row.test_accuracy == "60.00 % (50.20 % to 69.06 %)"
    assert (row.test_data, row.best_validation) == ("patterns", "20.00 % (epoch 2)")
    assert (row.epochs, row.seconds, row.speed) == ("2 of 4", "4.0", "500")
    assert row.ending == "stopped"


def test_a_run_that_has_told_nothing_has_empty_cells():
    row = result(info("queued", queue_position=2), History(4))
    assert {row.test_accuracy, row.best_validation, row.seconds, row.speed} == {"–"}
    assert row.ending == "waiting, place 2"


def test_changes_say_what_a_run_has_that_another_has_not():
    task = get_task("seven-segment")
    guide = TrainingConfig.from_recipe(task, task.recipe("guide"))
    assert changes(guide, guide) == []
    changed = dataclasses.replace(
        guide,
        architecture=dataclasses.replace(guide.architecture, hidden=(16,), dropout=0.0),
        learning_rate=0.00003,
        l2=0.1,
        optimizer="sgd",
        noise="none",
        seed=3,
    )
    assert changes(changed, guide) == [
        "layers 16",
        "no dropout",
        "learning rate 0.00003",
        "L2 penalty 0.1",
        "SGD with momentum",
        "no noise",
        "seed 3",
    ]
    assert changes(dataclasses.replace(guide, noise_level=0.3), guide) == [
        "noise “Bit flip” at 0.3"
    ]


def test_every_field_of_a_network_is_named_where_it_differs():
    before = Architecture((8,), batch_norm=True, filters=(4,))
    others = {
        "hidden": (16,),
        "dropout": 0.3,
        "batch_norm": False,
        "filters": (8,),
        "kernel_size": 5,
        "downsampling": "stride",
        "norm_position": "after",
        "norm_momentum": 0.5,
        "output": "linear",
        "convolutions": 2,
        "padding": "same",
        "activation": "tanh",
    }
    fields = {field.name for field in dataclasses.fields(Architecture)}
    assert set(others) == fields - {"recurrent", "cell"}  # no network has these beside filters
    base = TrainingConfig(task="handwritten", source="built-in", architecture=before)
    for name, value in others.items():
        network = dataclasses.replace(before, **{name: value})
        assert len(changes(dataclasses.replace(base, architecture=network), base)) == 1, name


def test_a_runs_name_is_its_recipe_and_what_was_changed():
    task = get_task("seven-segment")
    recipe = task.recipe("fast")
    config = TrainingConfig.from_recipe(task, recipe)
    assert run_name(recipe, config) == "Fast"
    assert run_name(recipe, dataclasses.replace(config, learning_rate=0.3)) == (
        "Fast, learning rate 0.3"
    )
    many = dataclasses.replace(config, learning_rate=0.3, epochs=5, batch_size=8, seed=2)
    assert run_name(recipe, many) == "Fast, epochs 5, batch size 8, 2 more changes"


def test_states_in_words():
    history = History.of([STARTED, *EPOCHS, Paused(3, 5)], epochs_wanted=4)
    assert state_in_words(info("paused"), history) == "paused, 62%"
    assert state_in_words(info("interrupted"), history) == "interrupted after epoch 2"
    assert state_in_words(info("failed"), history) == "ended without a network"
    failed = info("failed", error="No memory.")
    assert state_in_words(failed, history) == "ended without a network: No memory."


def test_states_in_words_without_a_history():
    assert state_in_words(info("paused")) == "paused"
    assert state_in_words(info("interrupted")) == "interrupted"
    assert state_in_words(info("queued", queue_position=1)) == "waiting, place 1"
    card = card_of_network(figures=FIGURE, ending="early")
    done = info("finished", card=card)
    assert (state_in_words(done), accuracy_in_words(done)) == ("stopped early", "60.00 %")
    bare = info("finished", card=card_of_network(figures=[], ending=None))
    assert (state_in_words(bare), accuracy_in_words(bare)) == ("finished", "–")


def test_a_figure_says_what_is_new_about_its_examples_and_what_is_luck():
    lucky = Accuracy("made", 6586, 10_000, best=0.6557)
    never_seen, ceiling, luck = figure_words(lucky)
    assert never_seen.endswith("measured on 10,000 examples that it never saw")
    assert "no classifier can get more than 65.57 %" in ceiling
    assert "0.29 points above that, which is luck with the draws" in luck
    assert "off by about 0.93 points" in luck
    drawn = figure_words(lucky, drawn=128)[0]
    assert "10,000 patterns drawn anew" in drawn
    assert "only 128 exist: what is new is which digit produced" in drawn
    assert "never saw" not in drawn
    assert len(figure_words(Accuracy("made", 60, 100, best=0.7), drawn=128)) == 2
    assert figure_words(Accuracy("all", 10, 10, exhaustive=True), drawn=128) == [
        "exact: measured on all 10 that exist"
    ]
