"""A search, its settings and its trials in words."""

from __future__ import annotations

from collections.abc import Mapping

from core.metrics.accuracy import percent
from core.search.best_possible import BestPossible
from core.search.config import SearchConfig
from core.search.info import SearchInfo
from core.search.results import best_trial
from core.search.space import Range
from core.search.trial import State, Trial
from core.search.variables import NUMBERS, UNLIKE
from ui.wording.duration import duration

STATES: Mapping[State, str] = {
    "waiting": "waiting",
    "running": "under way",
    "complete": "complete",
    "pruned": "ended early: others were better",
    "stopped": "stopped",
    "diverged": "diverged: the loss became NaN",
    "failed": "failed",
    "deleted": "run deleted",
}
_TITLES = {
    "hidden": "Hidden layers",
    "filters": "Filters",
    "recurrent": "Recurrent layers",
    "cell": "Cell of recurrent layers",
    "activation": "Activation",
    "batch_norm": "Batch normalisation",
    "kernel_size": "Kernel size",
    "optimizer": "Optimiser",
    "schedule": "Schedule",
    "downsampling": "Downsampling",
    "padding": "Padding",
    "norm_position": "Place of batch normalisation",
    "output": "Output",
}


def setting_title(name: str) -> str:
    """Returns what a person reads for a setting that may vary."""
    return _TITLES[name] if name in _TITLES else NUMBERS[name].title


def parameter_words(value: float | str) -> str:
    """Writes a trial's parameter: numbers with three digits that count, layers with dashes."""
    if isinstance(value, str):
        return value.replace(",", "-")
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def settings_words(trial: Trial) -> str:
    """Writes all of a trial's parameters in a line."""
    return ", ".join(
        f"{setting_title(name).lower()} {parameter_words(value)}"
        for name, value in trial.parameters.items()
    )


def value_words(config: SearchConfig, value: float) -> str:
    """Writes what a search judges by, with its unit."""
    return percent(value, 2) if config.maximize else f"{value:.4f} nats"


def objective_title(config: SearchConfig) -> str:
    """Returns the title of what a search judges by, with its unit."""
    return "Validation accuracy (%)" if config.maximize else "Validation loss (nats)"


def best_in_words(config: SearchConfig, trials: tuple[Trial, ...], *, over: bool = False) -> str:
    """Says which trial is the best so far, or the best of all if the search is over."""
    if config.compares:
        return _compared_in_words(config)
    best = best_trial(config, trials)
    if best is None or best.loss is None or best.accuracy is None:
        return "No run has been completed yet, so there is no best one."
    return (
        f"{'The best' if over else 'Best so far'}: run {best.number + 1} with a validation loss of"
        f" {best.loss:.4f} nats (validation accuracy {percent(best.accuracy, 2)}):"
        f" {settings_words(best)}."
    )


def limit_in_words(limit: BestPossible) -> str:
    """Says what no network can beat, and why one may seem to."""
    words = f"more than {percent(limit.accuracy, 2)} right"
    words = (
        f"gets {words}"
        if limit.loss is None
        else f"has a loss below {limit.loss:.4f} nats or gets {words}"
    )
    return (
        f"On average, no network {words}: the noise leaves no more. On these validation examples,"
        " one may seem better by chance."
    )


def _compared_in_words(config: SearchConfig) -> str:
    words = "This search compares and chooses nothing."
    unlike = [setting_title(name).lower() for name in config.space.names if name in UNLIKE]
    if unlike:
        words += (
            f" The runs differ in their {' and '.join(unlike)}, and so their validation examples"
            " differ: the highest validation accuracy does not mean the best network."
        )
    return words


def progress_in_words(info: SearchInfo, seconds_left: float | None) -> str:
    """Says how far a search is, in a sentence or two."""
    ended = sum(not trial.open for trial in info.trials)
    if info.state == "finished" and ended == info.config.most_trials:
        return f"All {ended} runs have ended. {info.reason}".rstrip()
    words = f"{ended} of at most {info.config.most_trials} runs have ended"
    if info.open and info.under_way:
        words += f", {len(info.open)} {'is' if len(info.open) == 1 else 'are'} under way"
    if info.state == "paused":
        return f"{words}. The search is paused."
    if info.state == "running" and seconds_left is not None:
        return f"{words}. About {duration(seconds_left)} left."
    if info.state == "stopped":
        return f"{words}. The search was stopped. {info.reason}".rstrip()
    return f"{words}. {info.reason}".rstrip() if info.reason else f"{words}."


def setting_help(name: str) -> str:
    """Says what a setting does; empty where its title says it."""
    return NUMBERS[name].help if name in NUMBERS else ""


def importance_in_words(shares: Mapping[str, float]) -> str:
    """Says which setting matters most, in a sentence or two."""
    if not shares:
        return (
            "How much each setting matters can be told once several runs are complete and differ in"
            " what came of them."
        )
    (first, share), *rest = sorted(shares.items(), key=lambda item: -item[1])
    words = (
        f"{setting_title(first)} explains {percent(share, 0)} of the differences between the"
        " complete runs"
    )
    if rest:
        last, least = rest[-1]
        words += f", {setting_title(last).lower()} {percent(least, 0)}"
    return f"{words}."


def space_in_words(config: SearchConfig) -> list[str]:
    """Says what may vary, a setting each."""
    words = []
    for dimension in config.space.dimensions:
        title = setting_title(dimension.name)
        if isinstance(dimension, Range):
            ends = (dimension.value(end) for end in (dimension.low, dimension.high))
            low, high = map(parameter_words, ends)
            words.append(f"{title}: {low} to {high}{', in equal factors' if dimension.log else ''}")
        else:
            words.append(f"{title}: {' or '.join(map(parameter_words, dimension.values))}")
    return words
