import dataclasses
from datetime import UTC, datetime

import pytest

from core.errors import LimitReached
from core.networks.architecture import Architecture
from core.runs.info import RunInfo
from core.runs.quota import Quota
from core.settings import Settings
from core.training.config import TrainingConfig

CONFIG = TrainingConfig(
    task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=3
)
QUOTA = Quota(Settings(max_epochs=10, max_parameters=200, max_runs=3, max_kept_runs=5))


def mine(under_way, over=0):
    """A person's runs: so many of them under way, and so many over."""
    states = ["running"] * under_way + ["finished"] * over
    return [RunInfo("id", "me", "run", state, datetime.now(UTC), CONFIG) for state in states]


def test_a_run_within_the_limits_is_let_through():
    QUOTA.check_size(CONFIG)
    QUOTA.check_size(dataclasses.replace(CONFIG, epochs=10))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": 11}, "10 epochs at most.*11"),
        ({"architecture": Architecture((64,))}, "200 parameters at most"),
    ],
)
def test_a_run_beyond_them_is_refused_with_the_limit(changes, said):
    with pytest.raises(LimitReached, match=said):
        QUOTA.check_size(dataclasses.replace(CONFIG, **changes))


@pytest.mark.parametrize(
    ("runs", "new"), [(mine(2), 1), (mine(2), 0), (mine(0, 4), 1), (mine(0), 3)]
)
def test_a_person_may_have_as_many_as_the_limits_say(runs, new):
    QUOTA.check_number(runs, new=new)


@pytest.mark.parametrize(
    ("runs", "new", "said"),
    [
        (mine(3), 1, "You have 3 runs waiting or under way"),
        (mine(3), 0, "You have 3 runs waiting or under way"),
        (mine(2), 2, "These are 2 runs, and you have 2 waiting.*none was started"),
        (mine(0, 5), 1, "keeps for one person"),
        (mine(0, 4), 2, "These are 2 runs, and you have 4 already.*none was started"),
    ],
)
def test_one_more_is_refused_with_the_limit(runs, new, said):
    with pytest.raises(LimitReached, match=said):
        QUOTA.check_number(runs, new=new)


def test_a_resumed_run_is_no_new_one():
    QUOTA.check_number(mine(0, 5))
