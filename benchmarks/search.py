"""Grid, random and TPE look for the same: how many networks until the best of a whole grid is met?

`python -m benchmarks.search` does it for three problems, and `python -m benchmarks.search digits`
for one of them. The Search page shows what this has found. Every network is a real one, trained in
this process; each setting once, as the same settings make the same network. Nothing is pruned, so
that all are given the same. Needs no browser.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import sys
import time

import keras

from benchmarks.harness import keep
from core.search.config import SAMPLERS, SearchConfig
from core.search.results import story
from core.search.space import Space
from core.search.study import propose
from core.search.trial import Trial
from core.tasks.base import get_task
from core.training.config import TrainingConfig
from core.training.trainer import Trainer

SEEDS = range(5)
AIM = 25  # trials of TPE, in the middle of the seeds
POINTS = 60  # of each grid


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is searched.

    Args:
        task: name of the task.
        source: name of its data set.
        recipe: name of the recipe whose settings vary.
        epochs: of each network.
        space: what varies, as text.
        limit: trials of a search that is no grid.
    """

    task: str
    source: str
    recipe: str
    epochs: int
    space: tuple[str, ...]
    limit: int = POINTS

    def search(self, sampler: str, seed: int) -> SearchConfig:
        """Returns a search of it."""
        task = get_task(self.task)
        base = TrainingConfig.from_recipe(task, task.recipe(self.recipe), source=self.source)
        return SearchConfig(
            base=dataclasses.replace(base, epochs=self.epochs),
            space=Space.parse(self.space),
            sampler=sampler,
            pruner="none",
            trials=POINTS if sampler == "grid" else self.limit,
            parallel=1,
            seed=seed,
        )


RATE = "learning_rate=1e-4..1:log:5"
PROBLEMS = {
    # Many settings come as close to the best possible as chance allows.
    "segments": Problem(
        "seven-segment", "generated", "fast", 4, (RATE, "hidden=8|16|32|64", "dropout=0..0.5:3")
    ),
    # The learning rate decides.
    "digits": Problem(
        "handwritten", "built-in", "dense", 5, (RATE, "hidden=16|64|256", "dropout=0..0.75:4"), 30
    ),
    # Four settings that depend on each other: which learning rate is good depends on the optimiser,
    # and on the size of the batches.
    "interplay": Problem(
        "handwritten",
        "built-in",
        "dense",
        5,
        (
            "learning_rate=1e-5..0.1:log:5",
            "optimizer=adam|sgd",
            "batch_size=16..256:log:2",
            "dropout=0..0.8:3",
        ),
    ),
}

Outcome = tuple[tuple[float, ...], tuple[float, ...]]  # validation loss and accuracy, by epoch


def trained(config: TrainingConfig) -> Outcome:
    """Trains one network; one that diverges has no epochs."""
    keras.backend.clear_session()
    run = Trainer(config, None, ())
    losses, accuracies = [], []
    while not run.complete:
        run.advance(single_batch=False)
        if run.diverged:
            return (), ()
        if run.batch == run.batches:
            done = run.end_epoch()
            if done is None:
                return (), ()
            losses.append(done.val_loss)
            accuracies.append(done.val_accuracy)
    return tuple(losses), tuple(accuracies)


def searched(config: SearchConfig, known: dict[TrainingConfig, Outcome]) -> list[Trial]:
    """Makes a whole search.

    Args:
        config: the search.
        known: what came of the networks trained so far; added to.
    """
    trials: list[Trial] = []
    while len(trials) < config.trials and (parameters := propose(config, trials)) is not None:
        run = config.space.apply(config.base, parameters)
        if run not in known:
            known[run] = trained(run)
        losses, accuracies = known[run]
        trials.append(
            Trial(
                len(trials),
                parameters,
                "complete" if losses else "diverged",
                losses=losses,
                accuracies=accuracies,
                kept_epoch=len(losses),
            )
        )
    return trials


def best_by_trial(config: SearchConfig, trials: list[Trial]) -> list[float]:
    """Returns the best validation loss after each trial; infinite before there is one."""
    steps = {step.number: step.best for step in story(config, trials)}
    found, best = [], math.inf
    for trial in trials:
        best = steps.get(trial.number, best)
        found.append(best)
    return found


def compare(name: str, problem: Problem) -> None:
    """Makes all searches, prints how soon each meets the grid's best, and keeps the curves."""
    print(f"{name}: {', '.join(problem.space)}")
    begun = time.perf_counter()
    known: dict[TrainingConfig, Outcome] = {}
    curves: dict[str, list[list[float]]] = {}
    for sampler in ("grid", "random", "tpe"):
        curves[sampler] = []
        for seed in SEEDS:
            config = problem.search(sampler, seed)
            curves[sampler].append(best_by_trial(config, searched(config, known)))
            print(f"{SAMPLERS[sampler]}, seed {seed}: {curves[sampler][-1][-1]:.5f}", flush=True)
    goal = curves["grid"][0][-1]
    print(f"best validation loss of the grid's {POINTS} networks: {goal:.5f} nats")
    reached = {}
    for sampler, found in curves.items():
        # A search that does not get there counts as one trial more than it had.
        counts = [sum(best > goal for best in curve) + 1 for curve in found]
        ends = [curve[-1] for curve in found]
        reached[sampler] = {
            "trials": counts,
            "median": statistics.median(counts),
            "best_loss": statistics.median(ends),
        }
        print(
            f"{SAMPLERS[sampler]:16} met after {counts} trials, median"
            f" {statistics.median(counts):g}; best of all: {statistics.median(ends):.5f}"
        )
    print(f"aim for TPE: {AIM}")
    seconds = round(time.perf_counter() - begun)
    print(f"{len(known)} networks in {seconds} s")
    keep(
        f"search_{name}",
        {
            "command": f"python -m benchmarks.search {name}",
            **dataclasses.asdict(problem),
            "goal": goal,
            "aim": AIM,
            "networks": len(known),
            "seconds": seconds,
            "reached": reached,
            "best_by_trial": {
                sampler: [[_finite(best) for best in curve] for curve in found]
                for sampler, found in curves.items()
            },
        },
    )


def _finite(best: float) -> float | None:
    return round(best, 6) if math.isfinite(best) else None


def main() -> None:
    """Compares the samplers on the problems that are named, or on all."""
    for name in sys.argv[1:] or PROBLEMS:
        compare(name, PROBLEMS[name])


if __name__ == "__main__":
    main()
