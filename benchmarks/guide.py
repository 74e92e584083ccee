"""Seven segments: our loop against Keras' `fit`, and the Fast recipe against the Guide's."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import Any

import numpy as np

from benchmarks.harness import keep, summary
from core.segments.bayes import ceiling, expected_accuracy, mixed, rule_of
from core.segments.channels import channel
from core.segments.patterns import ALL_PATTERNS
from core.tasks.base import get_task
from core.training.config import TrainingConfig
from core.workers.commands import ControlQueue, Signal

PROBLEM = get_task("seven-segment")
GUIDE = TrainingConfig.from_recipe(PROBLEM, PROBLEM.recipe("guide"))
FAST = TrainingConfig.from_recipe(PROBLEM, PROBLEM.recipe("fast"))
# Of the training data: one part clean, ten parts noisy.
NOISE = channel(GUIDE.noise)
LIKELIHOOD = mixed((10, NOISE.likelihood(GUIDE.noise_level)), (1, NOISE.likelihood(0)))
EPOCHS = 10
PAUSES = 12
STEP_AIM, RUN_AIM, CONTROL_AIM = 2, 20, 0.5


def exact_accuracy(predict: Any) -> float:
    """Returns a network's accuracy on all patterns, each weighed by how often it occurs."""
    return expected_accuracy(rule_of(predict(ALL_PATTERNS)), LIKELIHOOD)


def fit(epochs: int) -> tuple[Any, list[float]]:
    """Trains the Guide recipe by Keras' own means; returns the model and each epoch's seconds."""
    import keras

    from core.networks.builder import build

    data = PROBLEM.source(GUIDE.source).load(PROBLEM.noise(GUIDE.noise), GUIDE.noise_level, 0)
    model = build(GUIDE.architecture, input_shape=(7,), num_classes=10, seed=GUIDE.seed)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    ends = [time.perf_counter()]
    model.fit(
        data.train.x,
        data.train.y,
        batch_size=GUIDE.batch_size,
        epochs=epochs,
        validation_data=(data.validation.x, data.validation.y),
        validation_batch_size=1024,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=5),
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
            ),
        ],
        verbose=0,
    )
    return model, list(np.diff(ends))


def ours(config: TrainingConfig) -> tuple[Any, list[float]]:
    """Trains by `core.training.fit`; returns the model and the seconds that each epoch took."""
    from core.training.fit import train

    ends = [time.perf_counter()]

    def hear(event: Any) -> None:
        if event.kind == "epoch":
            ends.append(time.perf_counter())

    return train(config, on_event=hear), list(np.diff(ends))


def seconds_until_obeyed() -> list[float]:
    """Returns how long pausing took, again and again in the middle of a Guide run."""
    from core.training.fit import train

    controls, paused = ControlQueue(), threading.Event()
    waits: list[float] = []

    def hear(event: Any) -> None:
        if event.kind == "paused":
            paused.set()

    def command() -> None:
        pauses = np.random.default_rng(0).uniform(0.1, 0.4, PAUSES)
        time.sleep(2)  # past the making of the graph
        for wait in pauses:
            time.sleep(float(wait))
            paused.clear()
            sent = time.perf_counter()
            controls.send(Signal("pause"))
            paused.wait()
            waits.append(time.perf_counter() - sent)
            controls.send(Signal("resume"))
        controls.send(Signal("stop"))

    person = threading.Thread(target=command)
    person.start()
    train(GUIDE, on_event=hear, controls=controls)
    person.join()
    return waits


def main() -> None:
    """Measures, prints and keeps everything."""
    from core.inference.predictor import Predictor

    short = dataclasses.replace(GUIDE, epochs=EPOCHS)
    loop: list[float] = []
    keras_fit: list[float] = []
    for _ in range(2):  # in turn; the first epoch of each makes the graph
        loop += ours(short)[1][1:]
        keras_fit += fit(EPOCHS)[1][1:]
    loop_s, fit_s = summary(loop), summary(keras_fit)
    step_ratio = round(fit_s["p50"] / loop_s["p50"], 2)
    print(f"Guide, seconds an epoch: fit {fit_s['p50']:.3f}, here {loop_s['p50']:.3f}")
    print(f"times faster {step_ratio}, aim {STEP_AIM}")
    waits = summary(seconds_until_obeyed())
    print(
        f"a pause is obeyed after {waits['p50']:.3f} s, p95 {waits['p95']:.3f}, aim {CONTROL_AIM}"
    )

    fast, fast_epochs = ours(FAST)
    model, guide_epochs = fit(GUIDE.epochs)
    predictor = Predictor(fast.files["model.tflite"], input_shape=(7,), num_classes=10)
    accuracies = {
        "fast": exact_accuracy(predictor.predict),
        "guide": exact_accuracy(lambda x: model.predict(x, verbose=0)),
        "best": ceiling(LIKELIHOOD),
    }
    seconds = {"fast": sum(fast_epochs), "guide_fit": sum(guide_epochs)}
    run_ratio = round(seconds["guide_fit"] / seconds["fast"], 1)
    print(
        f"whole runs, seconds: Guide by fit {seconds['guide_fit']:.1f}, Fast {seconds['fast']:.2f}"
    )
    print(f"times faster {run_ratio}, aim {RUN_AIM}")
    for name, accuracy in accuracies.items():
        print(f"exact accuracy, {name}: {accuracy:.4%}")
    keep(
        "guide",
        {
            "unit": "seconds",
            "epoch_fit": fit_s,
            "epoch_here": loop_s,
            "times_faster": step_ratio,
            "aim": STEP_AIM,
            "pause": waits,
            "pause_aim": CONTROL_AIM,
            "whole_runs": {name: round(value, 3) for name, value in seconds.items()},
            "exact_accuracy": {name: round(value, 6) for name, value in accuracies.items()},
            "whole_run_times_faster": run_ratio,
            "whole_run_aim": RUN_AIM,
        },
    )


if __name__ == "__main__":
    main()
