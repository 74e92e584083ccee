"""The time of an answer by LiteRT in the server, against Keras' own `predict`."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.harness import keep, summary
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE

REPEATS = 50
MANY = 1_000


def milliseconds(work: Callable[[], object], repeats: int) -> list[float]:
    """Runs work again and again, after one run that does not count."""
    work()
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - begin))
    return taken


def main() -> None:
    """Measures every saved model, and keeps what was found."""
    import keras  # this is no server, so TensorFlow may be loaded

    models = {}
    print(f"{'milliseconds':24}{'LiteRT 1':>10}{'Keras 1':>10}{'ratio':>8}{'LiteRT 1000':>14}")
    for model in (model for model in ModelStore().models() if not model.is_ensemble):
        x = np.random.default_rng(0).random((MANY, *model.task.input_shape), dtype=np.float32)
        predictor = load_classifier(model)
        network = keras.models.load_model(model.folder / KERAS_FILE)
        one = summary(milliseconds(lambda: predictor.predict(x[:1]), REPEATS))  # noqa: B023
        many = summary(milliseconds(lambda: predictor.predict(x), 5))  # noqa: B023
        slow = summary(milliseconds(lambda: network.predict(x[:1], verbose=0), REPEATS))  # noqa: B023
        ratio = round(slow["p50"] / one["p50"])
        print(
            f"{model.name:24}{one['p50']:>10.2f}{slow['p50']:>10.1f}{ratio:>8}{many['p50']:>14.1f}"
        )
        models[model.name] = {
            "litert_one": one,
            "litert_thousand": many,
            "keras_one": slow,
            "keras_over_litert": ratio,
        }
    keep("inference", {"unit": "milliseconds", "models": models})


if __name__ == "__main__":
    main()
