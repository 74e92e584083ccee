"""A search in words."""

from dataclasses import replace
from datetime import UTC, datetime

from core.search.best_possible import BestPossible
from core.search.config import SearchConfig
from core.search.info import SearchInfo
from core.search.space import Space
from core.search.trial import Trial
from core.search.variables import VARIABLE
from tests.support.searches import RUN, complete, search
from ui.wording.search import (
    best_in_words,
    importance_in_words,
    limit_in_words,
    progress_in_words,
    setting_title,
    space_in_words,
)


def info(*trials, state="running", **changes):
    config = search(trials=10)
    made = SearchInfo("id", "me", "Mine", state, datetime.now(UTC), config, trials)
    return replace(made, **changes)


def test_every_setting_that_may_vary_has_a_title():
    titles = [setting_title(name) for name in VARIABLE]
    assert all(title[0].isupper() for title in titles)
    assert len(set(titles)) == len(titles)


def test_how_far_it_is():
    done, open_one = complete(0, 1.0), Trial(1, {"learning_rate": 0.01}, "running")
    assert progress_in_words(info(done, open_one), 75) == (
        "1 of at most 10 runs have ended, 1 is under way. About 1 min 15 s left."
    )
    assert progress_in_words(info(done, open_one), None) == (
        "1 of at most 10 runs have ended, 1 is under way."
    )
    assert progress_in_words(info(done, state="paused"), None) == (
        "1 of at most 10 runs have ended. The search is paused."
    )
    over = info(done, state="stopped", reason="5 runs in a row have failed. No data.")
    assert progress_in_words(over, 0) == (
        "1 of at most 10 runs have ended. The search was stopped. 5 runs in a row have failed."
        " No data."
    )
    over = info(done, state="finished", reason="The time allowed is over.")
    assert progress_in_words(over, 0) == (
        "1 of at most 10 runs have ended. The time allowed is over."
    )


def test_when_all_is_done():
    done = tuple(complete(number, 1.0) for number in range(10))
    assert progress_in_words(info(*done, state="finished"), 0) == "All 10 runs have ended."


def test_the_best_one():
    config = search(trials=10)
    assert best_in_words(config, ()) == "No run has been completed yet, so there is no best one."
    assert best_in_words(config, (complete(0, 2.0), complete(1, 0.5))) == (
        "Best so far: run 2 with a validation loss of 0.5000 nats (validation accuracy 95.00 %):"
        " learning rate 0.002."
    )
    assert best_in_words(config, (complete(0, 2.0),), over=True).startswith("The best: run 1 with")


def test_what_matters():
    assert "once several runs are complete" in importance_in_words({})
    assert importance_in_words({"dropout": 0.1, "learning_rate": 0.9}) == (
        "Learning rate explains 90 % of the differences between the complete runs, dropout 10 %."
    )
    assert importance_in_words({"dropout": 1.0}).endswith("the complete runs.")


def test_what_may_vary():
    config = search("learning_rate=1e-4..1e-1:log", "hidden=8|32,16", "epochs=1..3")
    assert space_in_words(config) == [
        "Learning rate: 0.0001 to 0.1, in equal factors",
        "Hidden layers: 8 or 32-16",
        "Epochs: 1 to 3",
    ]


def test_a_search_that_compares_says_why_it_chooses_nothing():
    config = SearchConfig.comparison(RUN, Space.parse(["noise_level=0.05|0.1"]))
    words = best_in_words(config, (complete(0, 1.0, noise_level="0.05"),), over=True)
    assert words.startswith("This search compares and chooses nothing. The runs differ in their")
    assert "noise level" in words
    sizes = SearchConfig.comparison(RUN, Space.parse(["hidden=8|16"]))
    assert best_in_words(sizes, ()) == "This search compares and chooses nothing."


def test_what_is_best_possible_is_said_as_far_as_it_is_known():
    assert limit_in_words(BestPossible(0.65573, 1.0217)).startswith(
        "On average, no network has a loss below 1.0217 nats or gets more than 65.57 % right:"
    )
    assert "no network gets more than 65.57 % right:" in limit_in_words(BestPossible(0.65573))
