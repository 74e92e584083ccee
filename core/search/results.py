"""What a search has found, from its trials alone: numbers only, no figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from core.search.config import SearchConfig
from core.search.trial import State, Trial

LEAST_DONE = 0.5  # runs, before the time left is estimated


@dataclass(frozen=True)
class Row:
    """A trial as a table shows it.

    Args:
        number: its place in the search, from 0.
        parameters: its settings.
        state: where it stands.
        loss: validation loss, in nats; None before the first epoch.
        accuracy: validation accuracy, 0..1; None before the first epoch.
        epochs: epochs done.
        seconds: of training.
        weights: of its network.
        best: whether it is the best one so far.
        run_id: of its run.
        reason: why it has no result, in a sentence.
    """

    number: int
    parameters: dict[str, int | float | str]
    state: State
    loss: float | None
    accuracy: float | None
    epochs: int
    seconds: float
    weights: int
    best: bool
    run_id: str
    reason: str


@dataclass(frozen=True)
class Step:
    """A complete trial in the story of the search.

    Args:
        number: of the trial.
        value: what the search judges it by.
        best: the best such value up to here.
    """

    number: int
    value: float
    best: float


@dataclass(frozen=True)
class Course:
    """How a trial went, epoch by epoch.

    Args:
        number: of the trial.
        state: where it stands.
        values: what the search judges by, after each epoch.
    """

    number: int
    state: State
    values: tuple[float, ...]


def best_trial(config: SearchConfig, trials: Sequence[Trial]) -> Trial | None:
    """Returns the complete trial that is best on the validation data; the first of several.

    None is best in a search that compares: its runs may have different validation data.
    """
    if config.compares:
        return None
    best: Trial | None = None
    for trial in trials:
        value = trial.value(config) if trial.state == "complete" else None
        if value is None:
            continue
        if best is None or _better(config, value, best.value(config)):
            best = trial
    return best


def rows(config: SearchConfig, trials: Sequence[Trial]) -> list[Row]:
    """Returns all trials as rows of a table, by number."""
    best = best_trial(config, trials)
    return [
        Row(
            trial.number,
            trial.parameters,
            trial.state,
            trial.loss,
            trial.accuracy,
            len(trial.losses),
            trial.seconds,
            trial.weights,
            trial is best,
            trial.run_id,
            trial.reason,
        )
        for trial in trials
    ]


def story(config: SearchConfig, trials: Sequence[Trial]) -> list[Step]:
    """Returns the complete trials with the best value up to each, by number."""
    steps: list[Step] = []
    for trial in trials:
        value = trial.value(config) if trial.state == "complete" else None
        if value is not None:
            known = steps[-1].best if steps else None
            steps.append(
                Step(
                    trial.number, value, value if _better(config, value, known) else steps[-1].best
                )
            )
    return steps


def courses(config: SearchConfig, trials: Sequence[Trial]) -> list[Course]:
    """Returns how each trial went that has an epoch, by number; those pruned just end earlier."""
    return [
        Course(trial.number, trial.state, values)
        for trial in trials
        if (values := trial.values(config))
    ]


def front(trials: Sequence[Trial], *, cost: str = "weights") -> list[Trial]:
    """Returns the complete trials that none beats in accuracy at no more cost, by rising cost.

    Args:
        trials: of the search.
        cost: "weights" of the network (the default) or "seconds" of training.
    """
    if cost not in ("weights", "seconds"):
        raise ValueError(f"Expected cost to be weights or seconds. Received: {cost!r}")
    complete = [
        (getattr(trial, cost), trial.accuracy, trial)
        for trial in trials
        if trial.state == "complete" and trial.accuracy is not None
    ]
    found: list[Trial] = []
    highest = -1.0
    for _, accuracy, trial in sorted(
        complete, key=lambda each: (each[0], -each[1], each[2].number)
    ):
        if accuracy > highest:
            found.append(trial)
            highest = accuracy
    return found


def share_done(config: SearchConfig, trials: Sequence[Trial]) -> float:
    """Returns which share of a search is done, 0..1; a trial under way counts by its epochs."""
    return min(1.0, _done(config, trials) / config.most_trials)


def seconds_left(config: SearchConfig, trials: Sequence[Trial], seconds: float) -> float | None:
    """Estimates how long a search goes on, in seconds.

    What is left takes as long for each trial as those before took on average, from the search's
    beginning on: this counts what runs of others and the making of proposals cost as well.

    Args:
        config: the search.
        trials: all that it has made so far.
        seconds: that it has been going on.

    Returns:
        The time left; None before half a run is done: until then, what was spent on the wait for
        a free worker process would count for far too much.
    """
    done = _done(config, trials)
    under_way = [trial for trial in trials if trial.open]
    if not under_way and len(trials) >= config.most_trials:
        return 0.0
    if done < LEAST_DONE or seconds <= 0:
        return None
    estimated = max(0.0, config.most_trials - done) * seconds / done
    if not config.seconds:
        return estimated
    # When the time is over, those under way still end.
    taken = [trial.seconds for trial in trials if trial.state == "complete"]
    last = mean(taken) if taken and under_way else 0.0
    return min(estimated, max(0.0, config.seconds - seconds) + last)


def _done(config: SearchConfig, trials: Sequence[Trial]) -> float:
    return sum(
        len(trial.losses) / float(trial.parameters.get("epochs", config.base.epochs))
        if trial.open
        else 1.0
        for trial in trials
    )


def _better(config: SearchConfig, value: float, than: float | None) -> bool:
    if than is None:
        return True
    return value > than if config.maximize else value < than
