"""Time to 99 % on MNIST: the Fast recipe against Keras' public mnist_convnet."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np

from benchmarks.harness import keep
from core.data import Split
from core.datasets import mnist
from core.metrics.accuracy import ACCURACY, Accuracy
from core.schema import dump
from core.tasks.base import get_task
from core.training.config import TrainingConfig

PROBLEM = get_task("handwritten")
FAST = TrainingConfig.from_recipe(PROBLEM, PROBLEM.recipe("fast"), source="mnist")
FAST_SEEDS = (0, 1, 2)
WANTED = 0.99
MAX_EPOCHS = 15
AIM = 4


def fast(seed: int) -> tuple[float, Accuracy]:
    """Trains the Fast recipe; returns its seconds, the graph's making included, and accuracy."""
    from core.training.fit import train

    begun = time.perf_counter()
    ends: list[float] = []

    def hear(event: Any) -> None:
        if event.kind == "epoch":
            ends.append(time.perf_counter())

    model = train(dataclasses.replace(FAST, seed=seed), on_event=hear)
    assert model is not None
    return ends[-1] - begun, model.card.figures[0]


def convnet(test: Split) -> tuple[float, int, Accuracy]:
    """Trains mnist_convnet until an epoch ends with 99 % on the test images.

    Returns:
        Seconds of training (looking at the test images is not counted), epochs, and accuracy.

    Source: F. Chollet, "Simple MNIST convnet", in Keras' code examples: architecture and settings.
    """
    import keras

    keras.utils.set_random_seed(0)
    images, y = mnist.read("x_train", "y_train")
    x = (images.astype(np.float32) / 255)[..., np.newaxis]
    seconds, accuracy = 0.0, Accuracy("MNIST test images", 0, len(test))
    begun = time.perf_counter()
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in range(MAX_EPOCHS):
        model.fit(x, y, batch_size=128, epochs=1, validation_split=0.1, verbose=0)
        seconds += time.perf_counter() - begun
        right = model.predict(test.x, batch_size=1000, verbose=0).argmax(axis=1) == test.y
        accuracy = Accuracy("MNIST test images", int(right.sum()), len(test))
        print(f"mnist_convnet, epoch {epoch + 1}: {seconds:.1f} s, {accuracy}", flush=True)
        if accuracy.value >= WANTED:
            break
        begun = time.perf_counter()
    return seconds, epoch + 1, accuracy


def main() -> None:
    """Measures, prints and keeps everything."""
    if (task := mnist.missing()) is not None:
        raise SystemExit(task)
    test = PROBLEM.source("mnist").examples(10_000)
    runs = []
    for seed in FAST_SEEDS:
        seconds, accuracy = fast(seed)
        print(f"Fast, seed {seed}: {seconds:.1f} s, {accuracy}", flush=True)
        runs.append((seconds, accuracy))
    slow, epochs, reached = convnet(test)
    median = float(np.median([seconds for seconds, _ in runs]))
    ratio = round(slow / median, 1)
    print(f"mnist_convnet {slow:.1f} s, Fast {median:.1f} s: {ratio} times faster, aim {AIM}")
    keep(
        "mnist",
        {
            "unit": "seconds to 99 % on MNIST's test images",
            "fast": [
                {"seed": seed, "seconds": round(seconds, 2), **dump(ACCURACY, accuracy)}
                for seed, (seconds, accuracy) in zip(FAST_SEEDS, runs, strict=True)
            ],
            "mnist_convnet": {
                "seconds": round(slow, 2),
                "epochs": epochs,
                **dump(ACCURACY, reached),
            },
            "times_faster": ratio,
            "aim": AIM,
        },
    )


if __name__ == "__main__":
    main()
