import dataclasses
import json

import pytest

from core.cli import _parser
from core.cli.training import training_config
from core.errors import InvalidInput
from core.networks.architecture import Architecture
from core.schema import dump
from core.tasks.base import get_task, tasks
from core.training.config import CONFIG as CONFIG_TYPE
from core.training.config import TrainingConfig

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
        {"optimizer": "magic"},
        {"schedule": "warm"},
        {"epochs": 1.5},
        {"rotation": 10},
        {"share": 0},
        {"early_stopping": -1},
    ],
)
def test_a_setting_out_of_bounds_is_refused(wrong):
    with pytest.raises(InvalidInput):
        dataclasses.replace(CONFIG, **wrong)


CNN = TrainingConfig(
    task="handwritten",
    source="built-in",
    architecture=Architecture(
        (),
        0.5,
        True,
        filters=(8, 4),
        kernel_size=5,
        downsampling="stride",
        norm_position="after",
        output="linear",
        norm_momentum=0.9,
    ),
    optimizer="sgd",
    momentum=0.8,
    weight_decay=0.001,
    clip_norm=1,
    l2=0.0001,
    schedule="cosine",
    early_stopping=3,
    rotation=15,
    shift=0.15,
    zoom=0.1,
    invert=0.5,
    share=0.25,
)


@pytest.mark.parametrize("config", [CONFIG, CNN], ids=["segments", "convolutional"])
def test_the_command_describes_exactly_this_run(config):
    words = config.command.removeprefix("python -m core ").split()
    assert training_config(_parser().parse_args(words)) == config


@pytest.mark.parametrize("config", [CONFIG, CNN], ids=["segments", "convolutional"])
def test_a_configuration_survives_json(config):
    assert TrainingConfig.parse(json.loads(json.dumps(dump(CONFIG_TYPE, config)))) == config
    assert TrainingConfig.parse(dump(CONFIG_TYPE, config) | {"figures": []}) == config


def test_the_command_gives_every_decimal():
    config = dataclasses.replace(
        CONFIG,
        learning_rate=1 / 3000,
        noise_level=1 / 3,
        architecture=Architecture((8,), dropout=1 / 7),
    )
    words = config.command.removeprefix("python -m core ").split()
    assert training_config(_parser().parse_args(words)) == config


def test_round_numbers_stay_short_in_the_command():
    assert CONFIG.command == (
        "python -m core train seven-segment --data generated --hidden 16,8 --dropout 0.1"
        " --batch-norm --epochs 3 --batch-size 64 --learning-rate 0.002 --noise missing"
        " --noise-level 0.25 --seed 9"
    )


def test_a_card_of_an_older_version_has_the_new_settings_defaults():
    old = {
        "task": "seven-segment",
        "source": "generated",
        "epochs": 5,
        "batch_size": 32,
        "learning_rate": 0.001,
        "noise": "none",
        "noise_level": 0.0,
        "seed": 3,
    }
    network = {"hidden": [8], "dropout": 0.0, "batch_norm": False, "filters": []}
    config = TrainingConfig.parse(old | {"architecture": network})
    assert (config.optimizer, config.schedule, config.share) == ("adam", "constant", 1)
    with pytest.raises(InvalidInput, match="training run"):
        TrainingConfig.parse({"task": "seven-segment"})


@pytest.mark.parametrize("task", tasks())
def test_every_recipe_has_a_command_that_repeats_it(task):
    for recipe in get_task(task).recipes:
        for source in get_task(task).sources:
            config = TrainingConfig.from_recipe(get_task(task), recipe, source=source.name)
            words = config.command.removeprefix("python -m core ").split()
            assert training_config(_parser().parse_args(words)) == config


def test_the_sources_recipes_have_the_weights_that_they_should():
    def parameters(task, recipe):
        return TrainingConfig.from_recipe(get_task(task), get_task(task).recipe(recipe)).parameters

    assert parameters("handwritten", "recogniser") == 251_658
    assert parameters("course-lab", "course") == 400 * 25 + 25 + 25 * 15 + 15 + 15 * 10 + 10
    assert parameters("seven-segment", "guide") == 512 + 256 + 2080 + 128 + 330
