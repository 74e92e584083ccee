"""Inference from saved networks by LiteRT: no TensorFlow, and under a millisecond per answer."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.errors import ModelUnusable
from core.files import read_file, reason
from core.inference.calibration import Calibration

# Large enough to keep the processor busy, small enough to keep memory flat.
BATCH = 500
# Threads that have to wait for one another cost more than a smaller network takes.
SMALL = 100_000  # bytes of a network


@dataclass(frozen=True)
class Prediction:
    """A network's answer to one input.

    Args:
        digit: index of the most probable class.
        confidence: its probability, 0..1.
        probabilities: float32, shape (classes,), summing to 1.
        threshold: confidence below which the input looks like none of the classes. Defaults to 0:
            nothing is refused.
    """

    digit: int
    confidence: float
    probabilities: NDArray[np.float32]
    threshold: float = 0.0

    @property
    def recognised(self) -> bool:
        """Whether the input looks like one of the classes at all."""
        return self.confidence >= self.threshold

    @classmethod
    def of(cls, probabilities: NDArray[np.float32], threshold: float = 0.0) -> Prediction:
        """Takes the answer from the probabilities, float32 of shape (classes,)."""
        digit = int(probabilities.argmax())
        return cls(digit, float(probabilities[digit]), probabilities, threshold)


class Classifier(ABC):
    """Anything that answers as a network does: one network, or several that vote.

    Args:
        calibration: corrects the probabilities. Defaults to no correction.
    """

    def __init__(self, calibration: Calibration | None = None) -> None:
        self._calibration = calibration or Calibration()

    @property
    def threshold(self) -> float:
        """Confidence below which an input looks like none of the classes."""
        return self._calibration.threshold

    @property
    def temperature(self) -> float:
        """What divides the logits; 1 changes nothing."""
        return self._calibration.temperature

    @abstractmethod
    def predict_uncalibrated(self, x: Inputs) -> NDArray[np.float32]:
        """Returns the probabilities before calibration: float32, shape (n, classes)."""

    def predict(self, x: Inputs) -> NDArray[np.float32]:
        """Returns the probabilities of every class for every example.

        Args:
            x: float32, shape (n, *input_shape).

        Returns:
            float32, shape (n, classes), each row summing to 1.
        """
        return self._calibration.apply(self.predict_uncalibrated(x))

    def answers(self, x: Inputs) -> list[Prediction]:
        """Returns the answer to every example, float32 of shape (n, *input_shape)."""
        return [Prediction.of(row, self.threshold) for row in self.predict(x)]

    def predict_one(self, x: NDArray[np.float32]) -> Prediction:
        """Returns the answer to a single example, float32 of shape input_shape."""
        return self.answers(x[np.newaxis])[0]


class Predictor(Classifier):
    """A network ready to answer, safe to share between threads.

    Args:
        model: path of a LiteRT file, or its bytes.
        input_shape: expected shape of one example, without the batch.
        num_classes: expected number of outputs.
        calibration: corrects the probabilities. Defaults to no correction.

    Raises:
        ModelUnusable: if the file is not a LiteRT model, or has other inputs or outputs.
    """

    def __init__(
        self,
        model: Path | bytes,
        *,
        input_shape: tuple[int, ...],
        num_classes: int,
        calibration: Calibration | None = None,
    ) -> None:
        from ai_edge_litert.interpreter import Interpreter

        super().__init__(calibration)
        self._lock = threading.Lock()  # an interpreter serves one thread at a time
        try:
            content = model if isinstance(model, bytes) else read_file(model)
            threads = 1 if len(content) < SMALL else min(4, os.cpu_count() or 1)
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._input = self._interpreter.get_input_details()[0]
            self._output = self._interpreter.get_output_details()[0]["index"]
            self._batch = -1
            shape = tuple(int(size) for size in self._input["shape"][1:])
            outputs = int(self._interpreter.get_output_details()[0]["shape"][-1])
        except (OSError, ValueError, RuntimeError, IndexError) as error:
            why = reason(error) if isinstance(error, OSError) else error
            raise ModelUnusable(f"The network's file cannot be loaded ({why}).") from error
        if shape != input_shape or outputs != num_classes:
            raise ModelUnusable(
                f"The network takes {shape} and gives {outputs} answers; "
                f"{input_shape} and {num_classes} were expected."
            )

    def predict_uncalibrated(self, x: Inputs) -> NDArray[np.float32]:
        """Runs the network in batches, to keep memory flat."""
        with self._lock:
            parts = [self._run(x[start : start + BATCH]) for start in range(0, len(x), BATCH)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _run(self, x: Inputs) -> NDArray[np.float32]:
        if len(x) != self._batch:
            self._batch = -1  # until this succeeds: a wrong input must not break the next
            self._interpreter.resize_tensor_input(self._input["index"], x.shape)
            self._interpreter.allocate_tensors()
            self._batch = len(x)
        self._interpreter.set_tensor(self._input["index"], x)
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(self._output), dtype=np.float32)
