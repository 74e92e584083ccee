import dataclasses

import pytest

from core.architecture import Architecture
from core.cli import _config, _parser
from core.errors import InvalidInput
from core.task import task, tasks
from core.training import (
    BatchDone,
    EpochDone,
    Started,
    TrainingConfig,
    event_from_json,
    event_to_json,
)

CONFIG = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((16, 8), 0.1, True),
    epochs=3,
    batch_size=64,
    learning_rate=0.002,
    noise="missing",
    noise_level=0.25,
    seed=9,
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"epochs": 10**6},
        {"batch_size": 1},
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"noise_level": 0.6},
        {"seed": -1},
        {"task": "chess"},
        {"source": "imagenet"},
        {"noise": "fog"},
        {"architecture": Architecture((8,), filters=(4,))},
    ],
)
def test_a_setting_out_of_bounds_is_refused(wrong):
    with pytest.raises(InvalidInput):
        dataclasses.replace(CONFIG, **wrong)


def test_too_many_convolutions_for_the_picture_are_refused():
    with pytest.raises(InvalidInput, match="at most 3"):
        TrainingConfig(
            task="handwritten",
            source="built-in",
            architecture=Architecture((8,), filters=(4, 4, 4, 4)),
        )


@pytest.mark.parametrize("hidden", [(), (0,), (10**6,), (8,) * 9])
def test_impossible_layers_are_refused(hidden):
    with pytest.raises(InvalidInput, match="hidden layers"):
        Architecture(hidden)


@pytest.mark.parametrize("dropout", [-0.1, 1.0, float("nan")])
def test_impossible_dropout_is_refused(dropout):
    with pytest.raises(InvalidInput, match="dropout"):
        Architecture((8,), dropout)


def test_an_architecture_survives_json():
    network = Architecture((8, 4), 0.5, True, (3, 2))
    assert Architecture.from_json(network.to_json()) == network
    with pytest.raises(InvalidInput):
        Architecture.from_json({"hidden": "x"})


CNN = TrainingConfig(
    task="handwritten", source="built-in", architecture=Architecture((32,), 0.5, filters=(8, 4))
)


@pytest.mark.parametrize("config", [CONFIG, CNN], ids=["segments", "convolutional"])
def test_the_command_describes_exactly_this_run(config):
    words = config.command.removeprefix("python -m core ").split()
    assert _config(_parser().parse_args(words)) == config


@pytest.mark.parametrize(
    "event",
    [Started(10, 20, 30), BatchDone(1, 2, 0.5, 0.25, 1.5), EpochDone(1, 0.5, 0.6, 0.7, 0.8, 9.0)],
)
def test_events_travel_as_plain_values(event):
    assert event_from_json(event_to_json(event)) == event


def test_each_task_keeps_its_promises():
    assert list(tasks()) == ["seven-segment", "handwritten"]
    for problem in tasks().values():
        source = problem.available_source()
        noise = problem.noises[0]
        dataset = problem.sources[-1].load(noise, 0.1, 3)
        for split in (dataset.train, dataset.validation, *dataset.tests.values()):
            assert split.x.shape[1:] == problem.input_shape
            assert split.x.dtype == "float32"
            assert split.x.min() >= 0
            assert split.x.max() <= 1
            assert set(split.y) == set(range(len(problem.classes)))
        assert len(source.examples(100)) <= 100
        assert problem.picture(dataset.train.x[0]).dtype == "uint8"


def test_the_parts_of_the_built_in_digits_share_no_picture():
    dataset = task("handwritten").source("built-in").load(None, 0.0, 0)
    (test,) = dataset.tests.values()
    parts = [{x.tobytes() for x in split.x} for split in (dataset.train, dataset.validation, test)]
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert sum(len(split) for split in (dataset.train, dataset.validation, test)) == 1797


@pytest.mark.parametrize("kind", ["noise", "source", "architecture"])
def test_an_unknown_name_is_answered_with_those_there_are(kind):
    with pytest.raises(InvalidInput, match="There is"):
        getattr(task("handwritten"), kind)("nonsense")
