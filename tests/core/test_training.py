import dataclasses
import json

import pytest

from core.architecture import Architecture
from core.cli import _config, _parser
from core.errors import InvalidInput
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


@pytest.mark.parametrize("config", [CONFIG, CNN], ids=["segments", "convolutional"])
def test_a_configuration_survives_json(config):
    assert TrainingConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    assert TrainingConfig.from_json(config.to_json() | {"figures": []}) == config


def test_the_command_gives_every_decimal():
    config = dataclasses.replace(
        CONFIG,
        learning_rate=1 / 3000,
        noise_level=1 / 3,
        architecture=Architecture((8,), dropout=1 / 7),
    )
    words = config.command.removeprefix("python -m core ").split()
    assert _config(_parser().parse_args(words)) == config


def test_round_numbers_stay_short_in_the_command():
    assert CONFIG.command == (
        "python -m core train seven-segment --data generated --hidden 16,8 --dropout 0.1"
        " --batch-norm --epochs 3 --batch-size 64 --learning-rate 0.002 --noise missing"
        " --noise-level 0.25 --seed 9"
    )
