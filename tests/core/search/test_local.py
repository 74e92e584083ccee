"""A search in one process: with made-up networks, and once with real ones."""

from dataclasses import replace

import pytest

from core.errors import TrainingDiverged
from core.search.local import LocalSearch
from core.search.study import PRUNED_AFTER
from core.training.card import TrainedModel
from core.workers.commands import Signal
from tests.support.models import card_of_network
from tests.support.searches import RUN, epochs, search


class Trained:
    """Trains by the book: every run's losses are those that it is given for its learning rate.

    Attributes:
        runs: configurations that were trained.
        tested: whether any of them was to be judged on the test data.
    """

    def __init__(self, losses):
        self.losses = losses
        self.runs = []
        self.tested = False

    def __call__(self, config, *, on_event, controls, test):
        self.runs.append(config)
        self.tested = self.tested or test
        for event in epochs(*self.losses(len(self.runs))):
            on_event(event)
            if controls.receive(0) == Signal("stop"):
                break
        return TrainedModel({}, card_of_network(kept_epoch=0, figures=[], seed=len(self.runs)))


def test_the_network_of_the_best_trial_is_kept_and_none_sees_the_test_data():
    train = Trained(lambda number: [3.0, abs(number - 3) + 1.0])
    made = LocalSearch(search(trials=5, pruner="none"), train)
    trials = list(made.run())
    assert [trial.loss for trial in trials] == [3, 2, 1, 2, 3]
    assert made.best is trials[2]
    assert made.model.card.seed == 3
    assert not train.tested
    assert train.runs[2] == made.config.space.apply(RUN, trials[2].parameters)


def test_a_hopeless_run_is_stopped_on_its_way():
    base = replace(RUN, epochs=8)
    train = Trained(lambda number: [0.5 if number <= PRUNED_AFTER else 9.0] * 8)
    trials = list(LocalSearch(search(trials=PRUNED_AFTER + 1, base=base), train).run())
    assert [(trial.state, len(trial.losses)) for trial in trials[-2:]] == [
        ("complete", 8),
        ("pruned", 3),
    ]


def test_a_run_without_a_result_is_a_trial_too():
    def train(config, **options):
        raise TrainingDiverged("The loss became NaN.")

    made = LocalSearch(search(trials=2), train)
    assert [(trial.state, trial.reason) for trial in made.run()] == [
        ("diverged", "The loss became NaN.")
    ] * 2
    assert made.best is made.model is None


def test_no_trial_begins_when_the_time_is_over_or_nothing_is_left():
    times = iter(range(0, 1000, 10))
    made = LocalSearch(search(trials=9, seconds=25), Trained(lambda number: [1.0]), times.__next__)
    assert len(list(made.run())) == 2  # the clock was looked at after 10, 20 and 30 seconds
    made = LocalSearch(search("hidden=8|16", trials=9), Trained(lambda number: [1.0]))
    assert len(list(made.run())) == 2


@pytest.mark.keras
@pytest.mark.slow
def test_a_real_search_finds_a_learning_rate_that_learns_and_measures_its_network_alone():
    from core.training.fit import train
    from core.training.testing import judged

    base = replace(RUN, epochs=3, batch_size=64, share=0.2, noise="flip", noise_level=0.15)
    config = search("learning_rate=1e-5..1e-1:log", "hidden=4|32", base=base, trials=4, seed=1)
    made = LocalSearch(config, train)
    trials = list(made.run())
    assert {trial.state for trial in trials} <= {"complete", "pruned"}
    assert made.best.loss == min(trial.loss for trial in trials if trial.state == "complete")
    assert made.best.accuracy > 0.6
    assert made.model.card.figures == ()
    assert made.model.card.config == config.space.apply(base, made.best.parameters)
    again = LocalSearch(config, train)
    assert [(trial.state, trial.losses) for trial in again.run()] == [
        (trial.state, trial.losses) for trial in trials
    ]
    # What is measured later is what the same run measures at its own end.
    alone = train(made.model.card.config)
    assert judged(made.model).card.figures == alone.card.figures
    assert judged(alone) is alone
