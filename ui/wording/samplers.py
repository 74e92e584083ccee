"""What grid, random and TPE found when they looked for the same, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median

from core.search.samplers import SamplerRace

NAMES: Mapping[str, str] = {"grid": "Grid", "random": "Random", "tpe": "TPE"}
TITLES: Mapping[str, str] = {
    "interplay": "Digits: four settings that depend on each other",
    "digits": "Digits: a large part of the space is good",
    "segments": "Seven segments: almost everything works",
}
WHY: Mapping[str, str] = {
    "interplay": "Which learning rate is good depends on the optimiser and on the size of the"
    " batches, so only a small part of the space is good, and few of the random runs hit it. TPE"
    " learns where it is: that takes a few dozen runs, and from then on it looks there more"
    " closely. The grid never can: it has only the few values that it was given.",
    "digits": "Random search hits a good part of the space within a few runs, before TPE has"
    " learned anything: so TPE is not sooner. Later it looks more closely where it was good, and"
    " usually ends a little lower, but the ranges of the two overlap.",
    "segments": "Most settings come close to the best possible loss. What is left is chance: the"
    " winner is the network that these validation examples happen to suit, and there is hardly"
    " anything to learn from the runs before. The grid also has an advantage: it tries a dropout of"
    " exactly 0, the end of the range, and whoever draws from a range never meets its ends.",
}


def race_in_words(race: SamplerRace) -> str:
    """Says what the samplers were up against, and what came of it, in two sentences."""
    runs = _equal_runs(race)
    losses = {name: median(race.after(name, runs)) for name in _samplers(race)}
    best = min(losses, key=losses.__getitem__)
    limit = race.lowest_possible
    words = (
        f"The best network of the whole grid of {race.grid_size} has a validation loss of"
        f" {race.goal:.4f} nats. After {runs} runs, {NAMES[best]} usually has the lowest of the"
        f" three, {losses[best]:.4f} nats."
    )
    if limit is not None:
        words += f" On average, no network can have less than {limit:.4f} nats."
    return words


def race_table(race: SamplerRace) -> dict[str, list[str]]:
    """Returns how far each sampler came, and how soon, as columns of text."""
    runs = _equal_runs(race)
    names = _samplers(race)
    losses = [race.after(name, runs) for name in names]
    return {
        "Proposals": [NAMES[name] for name in names],
        f"Loss after {runs} runs (nats)": [f"{median(each):.4f}" for each in losses],
        "Luckiest to unluckiest": [_range(*each) for each in losses],
        "Runs until the grid's best": [_met(race, name) for name in names],
    }


def _range(lowest: float, *others: float) -> str:
    ends = f"{lowest:.4f}", f"{others[-1]:.4f}"
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _samplers(race: SamplerRace) -> list[str]:
    return [name for name in ("tpe", "random", "grid") if name in race.best_by_trial]


def _equal_runs(race: SamplerRace) -> int:
    return min(race.runs(name) for name in _samplers(race))


def _met(race: SamplerRace, name: str) -> str:
    usual = race.usually_met(name)
    if math.isfinite(usual):
        return f"{usual:.0f}"
    counts = race.met(name)
    times = sum(count is not None for count in counts)
    return f"over {race.runs(name)} ({times} of {len(counts)} met it)"
