"""The settings of a run that may vary in a search: what each is called, and which values it has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.errors import InvalidInput
from core.networks.architecture import (
    ACTIVATIONS,
    CELLS,
    CONVOLUTIONS,
    DOWNSAMPLINGS,
    DROPOUT,
    KERNEL_SIZES,
    NORM_POSITIONS,
    OUTPUTS,
    PADDINGS,
    Architecture,
)
from core.schema import Bounds, OneOf
from core.training.config import BOUNDS, CHOICES

# Of a run's network and of the run itself: numbers with their bounds, names with their choices.
NUMBERS: Mapping[str, Bounds] = {
    **BOUNDS,
    "dropout": DROPOUT,
    "convolutions": CONVOLUTIONS,
    "norm_momentum": Bounds(
        0.01, 0.999, 0.99, "Momentum of batch normalisation", "Share of the means that is kept."
    ),
}
NAMES: Mapping[str, Sequence[str]] = {
    **{name: tuple(choices) for name, choices in CHOICES.items()},
    "downsampling": DOWNSAMPLINGS,
    "padding": PADDINGS,
    "norm_position": NORM_POSITIONS,
    "output": OUTPUTS,
    "activation": ACTIVATIONS,
    "cell": CELLS,
}
KERNEL = "kernel_size"
FLAG = "batch_norm"
SIZES = ("hidden", "filters", "recurrent")
VARIABLE = (*NUMBERS, *NAMES, KERNEL, FLAG, *SIZES)
# Settings that change the validation data as well: runs that differ in one of them are judged on
# different data. They can be compared, but nothing can be chosen among them.
UNLIKE: Mapping[str, str] = {
    "noise_level": "The noise level is on the validation data as well: whoever has less noise"
    " would win by that alone. To compare levels, train one run for each and measure them alike.",
    "seed": "The seed decides about the data as well, and no seed is better than another: what"
    " looks so is chance.",
}
EXAMPLE = "learning_rate=1e-4..1e-1:log or hidden=16|32,16|64,32"
_FLAGS = {"yes": True, "no": False}


def check_name(name: str) -> None:
    """Raises InvalidInput if no setting of this name may vary."""
    if name not in VARIABLE:
        raise InvalidInput(
            f"There is no setting {name!r} that can vary. There are: {', '.join(VARIABLE)}."
        )


def check_range_name(name: str) -> None:
    """Raises InvalidInput if a setting has no range, being no number."""
    if name not in NUMBERS:
        raise InvalidInput(f"{name} has no range. List its values: {name}={_example(name)}.")


def check_option(name: str, option: object) -> None:
    """Raises InvalidInput if that is no value of the setting."""
    if name in NUMBERS:
        NUMBERS[name].check(name, option)
    elif name in SIZES:
        if not isinstance(option, tuple):
            raise InvalidInput(f"Expected sizes of layers as {name}. Received: {option!r}")
        if name == "filters":
            Architecture((1,), filters=option)
        elif name == "recurrent":
            Architecture((1,), recurrent=option)
        elif option:  # or none
            Architecture(option)
    else:
        known = {FLAG: (), KERNEL: KERNEL_SIZES}.get(name) or NAMES.get(name)
        if known is None and not isinstance(option, bool):
            raise InvalidInput(f"Expected {name} to be yes or no. Received: {option!r}")
        if known is not None:
            OneOf(known).check(name, option)


def reader(name: str) -> Callable[[str], Any]:
    """Returns what reads one value of a setting."""
    if name in SIZES:
        return lambda text: _read_sizes(name, text)
    if name == FLAG:
        return lambda text: _FLAGS.get(text, text)
    if name in NUMBERS or name == KERNEL:
        return lambda text: read_number(name, text)
    return str


def read_number(name: str, text: str) -> float:
    """Reads a number of a setting; raises InvalidInput if it is none."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInput(
            f"Expected numbers for {name}, such as {name}={_example(name)}. Received: {text!r}"
        )
    whole = name == KERNEL or NUMBERS[name].whole
    return int(number) if whole and number == int(number) else number


def _read_sizes(name: str, text: str) -> tuple[int, ...]:
    if text == "none":
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and part.isascii() and len(part) < 9 for part in parts):
        raise InvalidInput(
            f"Expected the sizes of layers, such as {name}={_example(name)}. Received: {text!r}"
        )
    return tuple(map(int, parts))


def _example(name: str) -> str:
    if name in SIZES:
        return "16|32,16|64,32"
    if name == FLAG:
        return "yes|no"
    if name == KERNEL:
        return "3|5"
    if name in NAMES:
        return "|".join(NAMES[name][:2])
    bounds = NUMBERS[name]
    return f"{written(bounds.low)}..{written(bounds.high)}"


def written(value: float) -> str:
    """Writes a number so that reading it gives the same again."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def option_text(option: object) -> str:
    """Writes one value of a setting."""
    if isinstance(option, bool):
        return "yes" if option else "no"
    if isinstance(option, tuple):
        return ",".join(map(str, option)) or "none"
    return written(option) if isinstance(option, int | float) else str(option)
