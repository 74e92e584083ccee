"""The training step, many of them in one call. Imports TensorFlow: for worker processes only.

Keras' `fit` comes back to Python after every batch, which costs small networks more time than the
arithmetic. Here a compiled loop goes through many batches a call, each with the learning rate that
the schedule has for it; how many is for the caller to say, so that it stays in control.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.data import NO_CLASS, Inputs, Labels, Split
from core.networks.builder import build
from core.training.config import TrainingConfig

# Rows in a call's buffer: enough to make the call worth it, little enough to copy.
BUFFER_ROWS = 8192
MAX_STEPS = 64
EVALUATION_ROWS = 1024


def make_optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    """Returns the optimiser that a run asks for."""
    options: dict[str, Any] = {
        "learning_rate": config.learning_rate,
        "weight_decay": config.weight_decay or None,
        "global_clipnorm": config.clip_norm or None,
    }
    if config.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=config.momentum, nesterov=True, **options)
    if config.optimizer == "adamw":
        return keras.optimizers.AdamW(**options | {"weight_decay": config.weight_decay})
    return keras.optimizers.Adam(**options)


class TrainingLoop:
    """A network, its optimiser, and the compiled functions that train and judge it.

    Args:
        config: the run.
        input_shape: of one example, without the batch.
        num_classes: units of the last layer.
        some_without_class: whether there are examples labelled NO_CLASS. Of these the network is
            to learn to give every class the same probability. Defaults to False.
        model: a network that has learned already. Defaults to a fresh one.

    Source of the loss for NO_CLASS: D. Hendrycks, M. Mazeika, T. Dietterich, "Deep Anomaly
    Detection with Outlier Exposure" (2019).
    """

    def __init__(
        self,
        config: TrainingConfig,
        *,
        input_shape: tuple[int, ...],
        num_classes: int,
        some_without_class: bool = False,
        model: keras.Model | None = None,
    ) -> None:
        self.model = model or build(
            config.architecture,
            input_shape=input_shape,
            num_classes=num_classes,
            seed=config.seed,
            l2=config.l2,
        )
        self.optimizer = make_optimizer(config)
        self.optimizer.build(self.model.trainable_variables)
        self.max_steps = max(1, min(MAX_STEPS, BUFFER_ROWS // config.batch_size))
        self._some_without_class = some_without_class
        self._from_logits = config.architecture.output == "linear"
        images = tf.TensorSpec((None, *input_shape), tf.float32)
        labels = tf.TensorSpec((None,), tf.int64)
        # No XLA: measured on processors, its code was three times slower for the smallest network
        # here and slower still for convolutions.
        self._steps = tf.function(
            self._many_steps,
            input_signature=[images, labels, tf.TensorSpec((None,), tf.float32)],
        )
        self._judge = tf.function(self._judge_batch, input_signature=[images, labels])
        self._predict = tf.function(
            lambda x: self.model(x, training=False), input_signature=[images]
        )

    def steps(self, x: Inputs, y: Labels, rates: NDArray[np.float32]) -> tuple[float, int]:
        """Does one step for every learning rate.

        Args:
            x: float32, shape (steps * batch, *input_shape), all batches of the same size.
            y: int64, the labels.
            rates: float32, shape (steps,), the learning rate of each.

        Returns:
            Summed loss of the examples, in nats and without the L2 penalty, and how many of them
            were classified correctly before the step that they were part of.
        """
        loss_sum, correct = self._steps(tf.constant(x), tf.constant(y), tf.constant(rates))
        return float(loss_sum), int(correct)

    def evaluate(self, split: Split) -> tuple[float, float]:
        """Returns loss (mean cross-entropy, in nats) and accuracy, with dropout at rest."""
        loss_sum, correct = 0.0, 0
        for start in range(0, len(split), EVALUATION_ROWS):
            rows = slice(start, start + EVALUATION_ROWS)
            loss, right = self._judge(tf.constant(split.x[rows]), tf.constant(split.y[rows]))
            loss_sum, correct = loss_sum + float(loss), correct + int(right)
        return loss_sum / len(split), correct / len(split)

    def predict(self, x: Inputs) -> NDArray[np.float32]:
        """Returns probabilities: float32, shape (n, classes)."""
        outputs = self._predict(tf.constant(x))
        probabilities = tf.nn.softmax(outputs) if self._from_logits else outputs
        return np.asarray(probabilities, np.float32)

    def _many_steps(
        self, x: tf.Tensor, y: tf.Tensor, rates: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        count = tf.size(rates)
        x = tf.reshape(x, tf.concat([[count, -1], tf.shape(x)[1:]], 0))  # (steps, batch, ...)
        x = tf.ensure_shape(x, (None, None, *self.model.input_shape[1:]))
        y = tf.reshape(y, (count, -1))
        loss_sum, correct = tf.constant(0.0), tf.constant(0, tf.int64)
        for index in tf.range(count):
            loss, right = self._one_step(x[index], y[index], rates[index])
            loss_sum, correct = loss_sum + loss, correct + right
        return loss_sum, correct

    def _one_step(self, x: tf.Tensor, y: tf.Tensor, rate: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        self.optimizer.learning_rate.assign(rate)
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            outputs = self.model(x, training=True)  # (batch, classes)
            losses = self._losses(y, outputs)  # (batch,)
            target = tf.reduce_mean(losses) + sum(self.model.losses)
        self.optimizer.apply(tape.gradient(target, [v.value for v in variables]), variables)
        return tf.reduce_sum(losses), self._correct(y, outputs)

    def _judge_batch(self, x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        outputs = self.model(x, training=False)
        return tf.reduce_sum(self._losses(y, outputs)), self._correct(y, outputs)

    def _losses(self, y: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        named = keras.losses.sparse_categorical_crossentropy(
            tf.maximum(y, 0) if self._some_without_class else y,
            outputs,
            from_logits=self._from_logits,
        )
        if not self._some_without_class:
            return named
        even = tf.fill(tf.shape(outputs), 1 / outputs.shape[-1])
        unnamed = keras.losses.categorical_crossentropy(
            even, outputs, from_logits=self._from_logits
        )
        return tf.where(tf.equal(y, NO_CLASS), unnamed, named)

    def _correct(self, y: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        """Counts right answers; for NO_CLASS, that is one with less than half the probability."""
        right = tf.equal(tf.argmax(outputs, axis=-1), y)
        if self._some_without_class:
            probabilities = tf.nn.softmax(outputs) if self._from_logits else outputs
            unsure = tf.reduce_max(probabilities, axis=-1) < 0.5
            right = tf.where(tf.equal(y, NO_CLASS), unsure, right)
        return tf.reduce_sum(tf.cast(right, tf.int64))
