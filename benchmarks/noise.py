"""How much of the best possible accuracy each network reaches, exactly, where theory knows it.

python -m benchmarks.noise                the seven-segment networks
python -m benchmarks.noise handwritten    another task's, whose accuracy can only be measured
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.harness import keep
from core.evaluation.robustness import accuracy_by_level, example_limit
from core.metrics.accuracy import ACCURACY, percent
from core.models.loader import load_classifier
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.schema import dump
from core.segments import bayes, minimax
from core.segments.channels import CHANNELS, Channel
from core.segments.patterns import ALL_PATTERNS
from core.tasks.base import get_task, tasks

SHOWN = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)


def main() -> None:
    """Judges the networks of the tasks that are named, and keeps what was found."""
    known = [name for name, task in tasks().items() if task.channel is not None]
    for name in sys.argv[1:] or known:
        models = ModelStore().models(get_task(name).name)
        if name in known:
            keep("noise", {"networks": [in_theory(model) for model in models], **bound()})
        else:
            keep(f"noise_{name}", {"curves": [c for model in models for c in measured(model)]})


def bound() -> dict[str, float]:
    """Returns the largest worst share that any single classifier can have."""
    best = minimax.best_worst_share()
    names = ", ".join(channel.title.lower() for channel in minimax.COMPARED)
    print(f"\nBest possible worst share over {names}, levels 0.02 to 0.30: {percent(best)}")
    return {"best_worst_share": best}


def in_theory(model: SavedModel) -> dict[str, Any]:
    """Returns a network's share of the ceiling for every channel, exactly: no examples needed."""
    rule = bayes.rule_of(load_classifier(model).predict(ALL_PATTERNS))
    print(f"\n{model.name}: network / ceiling = share, exactly, all digits equally often")
    shares = {channel.name: _shares(rule, channel) for channel in CHANNELS}
    worst = {}
    for channel in minimax.COMPARED:
        share, level = minimax.worst_share(rule, channel)
        worst[channel.name] = share
        print(f"  worst on {channel.title.lower()} to 0.30: {percent(share)} at {level:g}")
    clean = bayes.expected_accuracy(rule, CHANNELS[0].likelihood(0))
    print(f"  clean patterns: {percent(clean)}")
    return {"model": model.name, "clean": clean, "worst": worst, "levels": SHOWN, "shares": shares}


def _shares(rule: bayes.Rule, channel: Channel) -> list[float]:
    words, shares = [], []
    for level in SHOWN:
        likelihood = channel.likelihood(level)
        shares.append(bayes.share_of_ceiling(rule, likelihood))
        reached, best = bayes.expected_accuracy(rule, likelihood), bayes.ceiling(likelihood)
        words.append(f"{level:g}: {reached:.4f}/{best:.4f} = {shares[-1]:.4f}")
    print(f"  {channel.name:14} {'   '.join(words)}")
    return shares


def measured(model: SavedModel) -> list[dict[str, Any]]:
    """Returns a network's accuracy at every level of every noise of its task."""
    task = model.task
    source = task.available_source()
    examples = source.examples(example_limit(task.input_shape))
    predictor = load_classifier(model)
    print(f"\n{model.name}: {len(examples):,} test examples of “{source.title}”, by level")
    curves = []
    for noise in task.noises:
        points = accuracy_by_level(
            predictor, examples, noise, data=source.title, levels=noise.levels[::2][:6]
        )
        words = "   ".join(f"{p.level:g}: {percent(p.accuracy.value, 1)}" for p in points)
        print(f"  {noise.name:16} {words}")
        curves += [
            {"model": model.name, "noise": noise.name, "level": p.level}
            | dump(ACCURACY, p.accuracy)
            for p in points
        ]
    return curves


if __name__ == "__main__":
    main()
