"""Accuracy of every saved model by noise and level, beside the best possible where it is known."""

from __future__ import annotations

from benchmarks.harness import keep
from core.channels import Channel
from core.exact import ceiling
from core.metrics import percent
from core.robustness import accuracy_by_level, example_limit
from core.store import ModelStore

LEVELS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)


def main() -> None:
    """Measures every model on every noise of its task, and keeps what was found."""
    curves = []
    for model in ModelStore().models():
        problem = model.task
        source = problem.available_source()
        examples = source.examples(example_limit(problem.input_shape))
        for noise in problem.noises:
            print(f"\n{model.name}, {noise.title.lower()} ({len(examples):,} of “{source.title}”)")
            points = accuracy_by_level(
                model.predictor(), examples, noise, data=source.title, levels=LEVELS
            )
            for point in points:
                low, high = point.accuracy.interval
                best = (
                    ceiling(noise.likelihood(point.level)) if isinstance(noise, Channel) else None
                )
                print(
                    f"  {point.level:<5g} {percent(point.accuracy.value):>9}"
                    f"  ({percent(low)} to {percent(high)})"
                    + (f"  best possible {percent(best)}" if best is not None else "")
                )
                curves.append(
                    {"model": model.name, "noise": noise.name, "level": point.level}
                    | {"best_possible": best}
                    | point.accuracy.to_json()
                )
    keep("noise", {"curves": curves})


if __name__ == "__main__":
    main()
