"""Optuna, asked and told: which settings come next, which run is hopeless, what matters.

A search is remembered as its trials, and Optuna's study is made of these whenever it is asked
something. So every answer follows from what is stored, before and after a restart, and there is no
second store to be kept in step. Making one of 200 trials takes 0.02 s.

Optuna is imported when it is first asked: the server starts without it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InvalidInput
from core.search.config import SearchConfig
from core.search.space import MAX_GRID, Range
from core.search.trial import Trial
from core.training.events import EpochDone

if TYPE_CHECKING:
    import optuna

    Distributions = dict[str, optuna.distributions.BaseDistribution]

TPE_ATTEMPTS, RANDOM_ATTEMPTS = 5, 20  # to propose what was not tried before
# Nothing is pruned by the median until so many trials are complete, nor in the first quarter of a
# run: where the learning rate only begins to rise, all runs look bad.
PRUNED_AFTER = 5
REDUCTION = 3  # successive halving lets the best third of the runs go on, at each of its rungs
LEAST_FOR_IMPORTANCE = 4


def propose(config: SearchConfig, trials: Sequence[Trial]) -> dict[str, int | float | str] | None:
    """Returns the settings of the next trial.

    They follow from the search's seed and its trials so far. What was tried is not proposed again,
    as the same settings make the same network.

    Args:
        config: the search.
        trials: all that it has made so far, by number.

    Returns:
        A parameter for each setting of the space; None if nothing is left to be tried.
    """
    number = len(trials)
    if config.compares:
        points = config.space.grid_points()
        return points[number] if number < len(points) else None
    if config.sampler == "grid":
        if number >= config.space.grid_size:
            return None
        return _asked(config, trials, "grid", config.seed)
    tried = {_point(trial.parameters) for trial in trials}
    tpe = [config.sampler] * TPE_ATTEMPTS
    for attempt, sampler in enumerate([*tpe, *["random"] * RANDOM_ATTEMPTS]):
        found = _asked(config, trials, sampler, _seed(config, number, attempt))
        if _point(found) not in tried:
            return found
    if config.space.count > MAX_GRID:
        return found
    left = [point for point in config.space.points() if _point(point) not in tried]
    return random.Random(_seed(config, number, 0)).choice(left) if left else None


def judge(
    config: SearchConfig,
    trials: Sequence[Trial],
    trial: Trial,
    epochs: Sequence[EpochDone],
    *,
    wanted: int,
) -> tuple[Trial, bool]:
    """Takes what a trial's run has told, and decides whether the run is to be pruned.

    Args:
        config: the search.
        trials: all of it, by number; what they say about this trial is not looked at.
        trial: the one whose run has told something.
        epochs: all epochs of the run so far; those that the trial knows already are passed over.
        wanted: epochs that the run would have; 0 if it is over, and nothing is to be decided.

    Returns:
        The trial with the new epochs, and whether its run is to end: then those after the decision
        are left out.
    """
    for epoch in epochs[len(trial.losses) :]:
        trial = replace(
            trial,
            losses=(*trial.losses, epoch.val_loss),
            accuracies=(*trial.accuracies, epoch.val_accuracy),
            seconds=epoch.seconds,
        )
        if config.pruner != "none" and epoch.epoch < wanted:
            trial, hopeless = _pruned(config, trials, trial)
            if hopeless:
                return trial, True
    return trial, False


def importance(config: SearchConfig, trials: Sequence[Trial]) -> dict[str, float]:
    """Returns how much of the differences between complete trials each setting explains.

    By functional ANOVA, as Optuna does it with scikit-learn's forests. The shares add up to 1.

    Args:
        config: the search.
        trials: all of it, by number.

    Returns:
        A share for each setting, the largest first; none while there are fewer than
        LEAST_FOR_IMPORTANCE complete trials, or all of these are equally good.
    """
    values = {trial.value(config) for trial in trials if trial.state == "complete"}
    complete = sum(trial.state == "complete" for trial in trials)
    if complete < LEAST_FOR_IMPORTANCE or len(values) < 2:
        return {}
    import optuna

    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=config.seed)
    study = _study(config, trials)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in found.items()}


def _asked(
    config: SearchConfig, trials: Sequence[Trial], sampler: str, seed: int
) -> dict[str, int | float | str]:
    study = _study(config, trials, sampler=_sampler(config, sampler, seed))
    found = study.ask(_distributions(config)).params
    # NumPy's numbers are no JSON.
    return {
        dimension.name: dimension.value(found[dimension.name])
        if isinstance(dimension, Range)
        else str(found[dimension.name])
        for dimension in config.space.dimensions
    }


def _pruned(config: SearchConfig, trials: Sequence[Trial], trial: Trial) -> tuple[Trial, bool]:
    """Returns the trial with what the pruner notes about it, and whether it is hopeless."""
    others = [trial if each.number == trial.number else each for each in trials]
    study = _study(config, others)
    hopeless = bool(study.pruner.prune(study, study.trials[trial.number]))
    noted = study.trials[trial.number].system_attrs
    return replace(trial, attributes=dict(noted) or None), hopeless


def _study(
    config: SearchConfig,
    trials: Sequence[Trial],
    *,
    sampler: optuna.samplers.BaseSampler | None = None,
) -> optuna.Study:
    """Returns Optuna's study of these trials, in memory."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)  # not to tell what it does
    study = optuna.create_study(
        direction="maximize" if config.maximize else "minimize",
        sampler=sampler or optuna.samplers.RandomSampler(seed=config.seed),
        pruner=_pruner(config),
    )
    distributions = _distributions(config)
    for number, trial in enumerate(trials):
        if trial.number != number:
            raise InvalidInput(f"Trial {number} of this search is missing.")
        study.add_trial(_frozen(config, trial, distributions))
    return study


def _frozen(
    config: SearchConfig,
    trial: Trial,
    distributions: Distributions,
) -> optuna.trial.FrozenTrial:
    import optuna

    states = optuna.trial.TrialState
    # A run that diverged is told as pruned before its first epoch: worse than all that have one.
    state = {
        "complete": states.COMPLETE,
        "pruned": states.PRUNED,
        "stopped": states.PRUNED,
        "diverged": states.PRUNED,
        "failed": states.FAIL,
        "deleted": states.FAIL,
    }.get(trial.state, states.RUNNING)
    values = () if trial.state == "diverged" else trial.values(config)
    return optuna.trial.create_trial(
        state=state,
        value=trial.value(config) if state == states.COMPLETE else None,
        params=trial.parameters,
        distributions=distributions,
        intermediate_values=dict(enumerate(values, 1)),
        system_attrs=trial.attributes or {},
    )


def _distributions(config: SearchConfig) -> Distributions:
    from optuna import distributions as kinds

    found: Distributions = {}
    for each in config.space.dimensions:
        if not isinstance(each, Range):
            found[each.name] = kinds.CategoricalDistribution(each.values)
        elif each.whole:
            found[each.name] = kinds.IntDistribution(int(each.low), int(each.high), log=each.log)
        else:
            found[each.name] = kinds.FloatDistribution(each.low, each.high, log=each.log)
    return found


def _sampler(config: SearchConfig, name: str, seed: int) -> optuna.samplers.BaseSampler:
    from optuna import samplers

    if name == "grid":  # by the trial's number, in an order that the seed shuffles
        return samplers.GridSampler(config.space.grid, seed=seed)
    if name == "random":
        return samplers.RandomSampler(seed=seed)
    return samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)


def _pruner(config: SearchConfig) -> optuna.pruners.BasePruner:
    from optuna import pruners

    epochs = config.base.epochs
    if config.pruner == "median":
        return pruners.MedianPruner(n_startup_trials=PRUNED_AFTER, n_warmup_steps=epochs // 4 + 1)
    if config.pruner == "halving":
        return pruners.SuccessiveHalvingPruner(
            min_resource=max(1, epochs // REDUCTION**2), reduction_factor=REDUCTION
        )
    return pruners.NopPruner()


def _seed(config: SearchConfig, number: int, attempt: int) -> int:
    """Returns the seed of a proposal, from the search's own and the proposal's place."""
    return int(np.random.SeedSequence([config.seed, number, attempt]).generate_state(1)[0])


def _point(parameters: dict[str, int | float | str]) -> tuple[tuple[str, int | float | str], ...]:
    return tuple(sorted(parameters.items()))
