"""A run as stand-alone Keras code: one script that makes the same network without Digit Lab.

What the run does not use is not in the script, so that a beginner can read it from top to bottom.
It draws the same random numbers from the same seeds as `core.training.trainer`, in plain `fit`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.export.script_augmentation import augmentation_code
from core.export.script_data import data_code, has_non_digits, needs_digit_lab
from core.training.config import (
    AUGMENTATION_STREAM,
    ORDER_STREAM,
    SHARE_STREAM,
    TrainingConfig,
)
from core.training.history import History
from core.training.schedule import (
    CYCLE_END,
    PLATEAU_DELTA,
    PLATEAU_FACTOR,
    PLATEAU_FLOOR,
    PLATEAU_PATIENCE,
    SMALLEST_FACTOR,
    WARM_UP,
    WARM_UP_START,
)

_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}


def keras_code(config: TrainingConfig, history: History) -> str:
    """Returns a Python script that repeats a run and prints its test accuracy.

    Args:
        config: the run.
        history: what happened in it: learning rates that were changed on the way, and where it
            ended.
    """
    sections = [
        _head(config),
        data_code(config),
        _share(config),
        _network(config),
        augmentation_code(config),
        _learning_rate(config, history),
        _training(config, history),
        _TEST,
    ]
    return _joined([section.strip("\n") for section in sections if section])


def _joined(sections: Sequence[str]) -> str:
    """Puts one empty line between sections, and two around functions and classes."""
    code = sections[0]
    for before, after in pairwise(sections):
        defines = after.startswith(("def ", "class ")) or before.splitlines()[-1].startswith(" ")
        code += ("\n\n\n" if defines else "\n\n") + after
    return code + "\n"


def _head(config: TrainingConfig) -> str:
    standard = []
    if config.schedule in ("cosine", "one-cycle"):
        standard.append("import math")
    if config.source == "mnist" and not needs_digit_lab(config):
        standard.append("import os")
    imports = [*standard, ""] if standard else []
    imports += ["import cv2"] if config.augmentation.active else []
    imports += ["import keras", "import numpy as np"]
    return (
        f'"""{config.get_task().title}: a training run of Digit Lab as stand-alone Keras code."""'
        + "\n\n"
        + "\n".join(imports)
        + f"""

SEED = {config.seed}
BATCH_SIZE = {config.batch_size}
"""
    )


def _share(config: TrainingConfig) -> str:
    if config.share == 1:
        return ""
    return f"""
# Only a part of the training examples is used, chosen by the seed.
chosen = np.random.default_rng([SEED, {SHARE_STREAM}]).permutation(len(train_y))
chosen = chosen[: max(1, round(len(train_y) * {config.share!r}))]
train_x, train_y = train_x[chosen], train_y[chosen]
"""


def _network(config: TrainingConfig) -> str:
    layers = "\n".join(f"        {layer}," for layer in _layers(config))
    linear = config.architecture.output == "linear"
    loss = f"keras.losses.SparseCategoricalCrossentropy({'from_logits=True' if linear else ''})"
    open_set = ""
    if has_non_digits(config):
        loss, open_set = "loss", _OPEN_SET.format(linear=linear)
    comment = "# The last layer gives logits; the loss makes probabilities of them.\n" * linear
    metrics = '"accuracy"'
    if config.l2 and _watches_validation(config):
        metrics += ', keras.metrics.SparseCategoricalCrossentropy(name="cross_entropy"'
        metrics += ", from_logits=True)" if linear else ")"
    return f"""{open_set}
# The network. The seed decides its first weights, and which units dropout silences.
keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
{layers}
    ]
)
{comment}model.compile(
    optimizer=keras.optimizers.{_optimizer(config)},
    loss={loss},
    metrics=[{metrics}],
    jit_compile=False,
)
model.summary()
"""


_OPEN_SET = """
def loss(labels, outputs):
    \"\"\"Cross-entropy; pictures of no digit (label -1) should get all digits as probable.\"\"\"
    labels = keras.ops.reshape(labels, (-1,))
    named = keras.losses.sparse_categorical_crossentropy(
        keras.ops.maximum(labels, 0), outputs, from_logits={linear}
    )
    even = keras.ops.full_like(outputs, 1 / outputs.shape[-1])
    unnamed = keras.losses.categorical_crossentropy(even, outputs, from_logits={linear})
    return keras.ops.where(labels < 0, unnamed, named)

"""


def _layers(config: TrainingConfig) -> Iterator[str]:
    network, layer = config.architecture, "keras.layers."
    shape = config.get_task().input_shape
    penalty = f", kernel_regularizer=keras.regularizers.L2({config.l2!r})" if config.l2 else ""
    momentum = f"momentum={network.norm_momentum!r}" if network.norm_momentum != 0.99 else ""
    norm = [f"{layer}BatchNormalization({momentum})"] if network.batch_norm else []
    relu = [f"{layer}ReLU()"]
    activation = norm + relu if network.norm_position == "before" else relu + norm
    dropout = [f"{layer}Dropout({network.dropout!r})"] if network.dropout else []
    yield f"keras.Input({shape!r})"
    padding = ', padding="same"' if network.padding == "same" else ""
    for filters in network.filters:
        for stride in network.strides:
            strides = f", strides={stride}" if stride > 1 else ""
            yield f"{layer}Conv2D({filters}, {network.kernel_size}{strides}{padding}{penalty})"
            yield from activation
        if network.downsampling == "pool":
            yield f"{layer}MaxPooling2D(2)"
    if len(shape) > 1:
        yield f"{layer}Flatten()"
    for units in network.hidden:
        yield f"{layer}Dense({units}{penalty})"
        yield from activation
        yield from dropout
    if not network.hidden:
        yield from dropout
    output = f'{len(config.get_task().classes)}, activation="{network.output}"{penalty}'
    yield f"{layer}Dense({output})"


def _optimizer(config: TrainingConfig) -> str:
    options = [f"learning_rate={config.learning_rate!r}"]
    if config.optimizer == "sgd":
        options.append(f"momentum={config.momentum!r}, nesterov=True")
    if config.weight_decay or config.optimizer == "adamw":
        options.append(f"weight_decay={config.weight_decay!r}")
    if config.clip_norm:
        options.append(f"global_clipnorm={config.clip_norm!r}")
    return f"{_OPTIMIZERS[config.optimizer]}({', '.join(options)})"


def _learning_rate(config: TrainingConfig, history: History) -> str:
    if not _moves(config, history):
        return ""
    changes = {change.step: change.learning_rate for change in history.changes}
    factor = {
        "constant": _CONSTANT,
        "cosine": _COSINE,
        "one-cycle": _ONE_CYCLE,
        "plateau": _PLATEAU,
    }[config.schedule]
    if not changes:
        return f"""{factor}

class LearningRate(keras.callbacks.Callback):
    \"\"\"Gives every step the learning rate that the schedule has for it.\"\"\"

    def on_train_batch_begin(self, batch, logs=None):
        step = epoch * STEPS + batch
        self.model.optimizer.learning_rate = {config.learning_rate!r} * factor(step)
"""
    return f"""{factor}

# Learning rates that were chosen while the run was under way, by the step that they began with.
CHANGES = {changes!r}
base_rate = {config.learning_rate!r}


class LearningRate(keras.callbacks.Callback):
    \"\"\"Gives every step the learning rate that it had in the run.\"\"\"

    def on_train_batch_begin(self, batch, logs=None):
        global base_rate
        step = epoch * STEPS + batch
        if step in CHANGES:
            base_rate = CHANGES[step] / max(factor(step), {SMALLEST_FACTOR!r})
        self.model.optimizer.learning_rate = base_rate * factor(step)
"""


def _moves(config: TrainingConfig, history: History) -> bool:
    """Returns whether the learning rate is not the same all the time."""
    return config.schedule != "constant" or bool(history.changes)


def _watches_validation(config: TrainingConfig) -> bool:
    """Returns whether anything depends on the validation losses."""
    return config.schedule == "plateau" or bool(config.early_stopping)


_CONSTANT = """
def factor(step):
    \"\"\"The learning rate stays as it is.\"\"\"
    return 1.0
"""
_COSINE = """
def factor(step):
    \"\"\"The learning rate falls along a cosine.\"\"\"
    return 0.5 * (1 + math.cos(math.pi * step / (EPOCHS * STEPS)))
"""
_ONE_CYCLE = f"""
def factor(step):
    \"\"\"The learning rate rises, then falls along a cosine (one cycle).\"\"\"
    progress = step / (EPOCHS * STEPS)
    if progress < {WARM_UP!r}:
        return {WARM_UP_START!r} + (1 - {WARM_UP_START!r}) * progress / {WARM_UP!r}
    fall = (progress - {WARM_UP!r}) / (1 - {WARM_UP!r})
    return {CYCLE_END!r} + (1 - {CYCLE_END!r}) * 0.5 * (1 + math.cos(math.pi * fall))
"""
_PLATEAU = f"""
def factor(step):
    \"\"\"The learning rate is halved when validation has got no better for some epochs.\"\"\"
    result, best, waited = 1.0, float("inf"), 0
    for loss in val_losses:
        if loss < best - {PLATEAU_DELTA!r}:
            best, waited = loss, 0
            continue
        waited += 1
        if waited >= {PLATEAU_PATIENCE}:
            result, waited = max(result * {PLATEAU_FACTOR!r}, {PLATEAU_FLOOR!r}), 0
    return result
"""


def _training(config: TrainingConfig, history: History) -> str:
    done, batches_more = _length(config, history)
    monitored = "val_cross_entropy" if config.l2 else "val_loss"
    callbacks = "\n        callbacks=[LearningRate()]," if _moves(config, history) else ""
    steps = "STEPS = -(-len(train_y) // BATCH_SIZE)  # in an epoch; the last batch may be smaller"
    # A run that was stopped before its first batch has no best weights.
    early_stopping = config.early_stopping if done or batches_more else 0
    lines = [
        "# Training: the order of the examples is drawn anew for every epoch.",
        f"EPOCHS = {config.epochs}",
    ]
    if callbacks:
        lines.append(steps)
    if _watches_validation(config):
        lines.append("val_losses = []")
    if early_stopping:
        lines.append("best_weights = None")
    epochs = (
        "EPOCHS" if done == config.epochs and not batches_more else str(done + bool(batches_more))
    )
    if epochs != "EPOCHS":
        lines.append(
            f"# The run was ended before all its epochs were done{_where(done, batches_more)}."
        )
    lines.append(f"for epoch in range({epochs}):")
    lines.append(f"    generator = np.random.default_rng([SEED, epoch, {ORDER_STREAM}])")
    lines.append("    order = generator.permutation(len(train_y))")
    lines.append("    x, y = train_x[order], train_y[order]")
    if config.augmentation.active:
        lines.append(
            f"    x = augment(x, np.random.default_rng([SEED, epoch, {AUGMENTATION_STREAM}]))"
        )
    if batches_more:
        lines.append(f"    if epoch == {done}:")
        lines.append(
            f"        x, y = x[: {batches_more} * BATCH_SIZE], y[: {batches_more} * BATCH_SIZE]"
        )
    lines.append(f"""    print(f"Epoch {{epoch + 1}}")
    {"history = " * _watches_validation(config)}model.fit(
        x,
        y,
        batch_size=BATCH_SIZE,
        shuffle=False,  # they are shuffled already
        validation_data=(val_x, val_y),{callbacks}
        verbose=2,
    )""")
    if _watches_validation(config):
        lines.append(f'    val_losses.append(history.history["{monitored}"][-1])')
    if early_stopping:
        lines.append(f"""    best = val_losses.index(min(val_losses))
    if best == epoch:
        best_weights = model.get_weights()
    if epoch - best >= {early_stopping}:
        break  # early stopping
model.set_weights(best_weights)
print(f"kept the weights of epoch {{best + 1}}")""")
    return "\n".join(lines)


def _where(done: int, batches_more: int) -> str:
    return f": {done} of them, and {batches_more} batches" if batches_more else f": {done} of them"


def _length(config: TrainingConfig, history: History) -> tuple[int, int]:
    """Returns how many whole epochs the kept weights have behind them, and batches beyond."""
    finished, started = history.finished, history.started
    if finished is None or started is None or finished.ending in ("complete", "early"):
        return config.epochs, 0
    if finished.ending == "diverged" or finished.kept_epoch:
        return max(finished.epochs, finished.kept_epoch), 0
    return finished.epochs, history.step - finished.epochs * started.batches


_TEST = """
# The test: examples that the network has never seen, looked at once.
for words, (x, y) in tests.items():
    correct = int((model.predict(x, batch_size=1024, verbose=0).argmax(axis=1) == y).sum())
    print(f"{words}: {correct} of {len(y)} right, {correct / len(y):.2%}")
"""
