"""A run as stand-alone Keras code: one script that trains the same network in plain Keras.

The script omits what the run does not use, so that a beginner can read it from top to bottom. It
draws the same random numbers from the same seeds as `core.training.trainer`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.export.rendering import render
from core.export.script_augmentation import augmentation_code
from core.export.script_data import data_code, has_non_digits, needs_digit_lab
from core.networks.architecture import Architecture
from core.training import schedule
from core.training.config import (
    AUGMENTATION_STREAM,
    ORDER_STREAM,
    SHARE_STREAM,
    TrainingConfig,
)
from core.training.history import History

_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}
_CELLS = {"simple": "SimpleRNN", "gru": "GRU", "lstm": "LSTM"}
_SCHEDULE = {name: value for name, value in vars(schedule).items() if name.isupper()}


def keras_code(config: TrainingConfig, history: History) -> str:
    """Returns a Python script that repeats a run and prints its test accuracy.

    Args:
        config: the run.
        history: what happened in it: changes of the learning rate, and where it ended.
    """
    return _joined([section for section in sections(config, history).values() if section])


def sections(config: TrainingConfig, history: History, *, plots: bool = False) -> dict[str, str]:
    """Returns the parts of the script in their order, keyed by name; empty where not needed.

    Args:
        config: the run.
        history: what happened in it.
        plots: whether the results are plotted, from `curves`, which is then bound to what every
            epoch came to. Defaults to False.
    """
    return {
        "head": _head(config, plots=plots),
        "data": data_code(config),
        "share": _share(config),
        "network": _network(config),
        "augmentation": augmentation_code(config),
        "learning_rate": _learning_rate(config, history),
        "training": _training(config, history, plots=plots),
        "test": render("test"),
    }


def _joined(sections: Sequence[str]) -> str:
    """Puts one empty line between sections, and two around functions and classes."""
    code = sections[0]
    for before, after in pairwise(sections):
        defines = after.startswith(("def ", "class ")) or before.splitlines()[-1].startswith(" ")
        code += ("\n\n\n" if defines else "\n\n") + after
    return code + "\n"


def _head(config: TrainingConfig, *, plots: bool) -> str:
    modules = []
    if config.schedule in ("cosine", "one-cycle"):
        modules.append("math")
    if config.source == "mnist" and not needs_digit_lab(config):
        modules.append("os")
    return render(
        "head", config=config, title=config.get_task().title, modules=modules, plots=plots
    )


def _share(config: TrainingConfig) -> str:
    if config.share == 1:
        return ""
    return render("share", config=config, share_stream=SHARE_STREAM)


def _network(config: TrainingConfig) -> str:
    return render(
        "network",
        layers=list(_layers(config)),
        linear=config.architecture.output == "linear",
        non_digits=has_non_digits(config),
        optimizer=_optimizer(config),
        penalised=bool(config.l2) and _watches_validation(config),
    )


def _layers(config: TrainingConfig) -> Iterator[str]:
    network, layer = config.architecture, "keras.layers."
    shape = config.get_task().input_shape
    penalty = f", kernel_regularizer=keras.regularizers.L2({config.l2!r})" if config.l2 else ""
    momentum = f"momentum={network.norm_momentum!r}" if network.norm_momentum != 0.99 else ""
    norm = [f"{layer}BatchNormalization({momentum})"] if network.batch_norm else []
    function = _function(network)
    activation = norm + function if network.norm_position == "before" else function + norm
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
    for number, units in enumerate(network.recurrent, start=1):
        more = ", return_sequences=True" if number < len(network.recurrent) else ""
        again = penalty.replace("kernel_", "recurrent_")
        yield f"{layer}{_CELLS[network.cell]}({units}{more}, unroll=True{penalty}{again})"
    if len(shape) > 1 and not network.recurrent:
        yield f"{layer}Flatten()"
    for units in network.hidden:
        yield f"{layer}Dense({units}{penalty})"
        yield from activation
        yield from dropout
    if not network.hidden:
        yield from dropout
    output = f'{len(config.get_task().classes)}, activation="{network.output}"{penalty}'
    yield f"{layer}Dense({output})"


def _function(network: Architecture) -> list[str]:
    """Returns the activation as a layer; none without one."""
    if network.activation == "relu":
        return ["keras.layers.ReLU()"]
    return [f'keras.layers.Activation("{network.activation}")'] * (network.activation != "none")


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
    return render("learning_rate", config=config, changes=changes, **_SCHEDULE)


def _moves(config: TrainingConfig, history: History) -> bool:
    """Returns whether the learning rate changes during the run."""
    return config.schedule != "constant" or bool(history.changes)


def _watches_validation(config: TrainingConfig) -> bool:
    """Returns whether anything depends on the validation losses."""
    return config.schedule == "plateau" or bool(config.early_stopping)


def _training(config: TrainingConfig, history: History, *, plots: bool) -> str:
    done, batches_more = _length(config, history)
    return render(
        "training",
        config=config,
        done=done,
        batches_more=batches_more,
        ended_early=done != config.epochs or bool(batches_more),
        rate_moves=_moves(config, history),
        watches_validation=_watches_validation(config),
        # A run that was stopped before its first batch has no best weights.
        early_stopping=config.early_stopping if done or batches_more else 0,
        curves=plots,
        order_stream=ORDER_STREAM,
        augmentation_stream=AUGMENTATION_STREAM,
    )


def _length(config: TrainingConfig, history: History) -> tuple[int, int]:
    """Returns how many whole epochs the script trains, and how many batches beyond."""
    finished, started = history.finished, history.started
    if finished is None or finished.ending in ("complete", "early"):
        return config.epochs, 0
    if finished.ending == "diverged" or finished.kept_epoch:
        return max(finished.epochs, finished.kept_epoch), 0
    if started is None:  # a card does not tell how many batches came after the last whole epoch
        return max(1, finished.epochs), 0
    return finished.epochs, history.step - finished.epochs * started.batches
