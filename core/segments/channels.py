"""Noise on the segments of a display, with a known probability for every outcome.

A channel is a list of possible faults with their probabilities; at most one occurs. A fault changes
each segment independently, with the segment's own probability. This one definition gives both
random patterns (`apply`) and the exact probability of each of the 128 (`likelihood`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.errors import InvalidInput
from core.noise.base import ALL_LEVELS, LEVELS, Noise
from core.segments.patterns import ALL_PATTERNS, CLEAN, SEGMENTS
from core.text import listed

Vector = NDArray[np.float64]  # one number per segment a to g


@dataclass(frozen=True)
class Fault:
    """One way in which a display can fail.

    Args:
        probability: that this is the fault that occurs.
        on_to_off: probability that each lit segment then goes dark: float64 of shape (7,), or one
            number for all, which fits any number of segments.
        off_to_on: probability that each dark segment then lights up, likewise.
    """

    probability: float
    on_to_off: Vector | float
    off_to_on: Vector | float


@dataclass(frozen=True)
class Channel(Noise):
    """Noise on the segments of a display.

    Args:
        faults: `(level) -> faults`; their probabilities sum to at most 1, and the rest is "no
            fault".
    """

    faults: Callable[[float], Sequence[Fault]]

    def _corrupt(self, x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
        faults = self.all_faults(level)
        if len(faults) == 1:
            which = np.zeros(len(x), np.int64)
        else:
            which = generator.choice(len(faults), len(x), p=[f.probability for f in faults])
        lamps = x.shape[1:]
        on_to_off = np.stack([np.broadcast_to(f.on_to_off, lamps) for f in faults])[which]  # (n, 7)
        off_to_on = np.stack([np.broadcast_to(f.off_to_on, lamps) for f in faults])[which]  # (n, 7)
        changes = np.where(x >= 0.5, on_to_off, off_to_on)
        return np.where(generator.random(x.shape) < changes, 1 - x, x).astype(np.float32)

    def likelihood(self, level: float) -> NDArray[np.float64]:
        """Returns the exact probability of every pattern given every digit.

        Args:
            level: 0 to the last of `levels`.

        Returns:
            float64, shape (10, 128): row d holds the probabilities of ALL_PATTERNS given digit d,
            and sums to 1.

        Raises:
            InvalidInput: if the level is out of range.
        """
        return self.outcomes(CLEAN, level)

    def outcomes(self, x: Inputs, level: float) -> NDArray[np.float64]:
        """Returns the exact probability of every pattern given each of some displays.

        Args:
            x: the displays before the noise: float32, shape (n, 7), values 0 and 1.
            level: 0 to the last of `levels`.

        Returns:
            float64, shape (n, 128): each row holds the probabilities of ALL_PATTERNS, and sums
            to 1.

        Raises:
            InvalidInput: if the level is out of range.
        """
        self.check_level(level)
        total = np.zeros((len(x), len(ALL_PATTERNS)))
        shown = x.astype(np.float64)
        for fault in self.all_faults(level):
            lit = shown * (1 - fault.on_to_off) + (1 - shown) * fault.off_to_on  # (n, 7)
            each = np.where(ALL_PATTERNS == 1, lit[:, None], 1 - lit[:, None])  # (n, 128, 7)
            total += fault.probability * each.prod(axis=2)
        return total

    def all_faults(self, level: float) -> list[Fault]:
        """Returns the faults at a level, "no fault" included; their probabilities sum to 1."""
        faults = [fault for fault in self.faults(level) if fault.probability > 0]
        rest = 1 - sum(fault.probability for fault in faults)
        return faults if rest < 1e-12 else [*faults, Fault(rest, 0, 0)]


def _one_hot(index: int) -> Vector:
    return np.asarray(np.eye(len(SEGMENTS))[index], np.float64)


BIT_FLIP = Channel(
    "flip",
    "Bit flip",
    "Each segment may be wrong: lit ones go dark, dark ones light up.",
    "probability per segment",
    LEVELS,
    lambda level: [Fault(1, level, level)],
)
MISSING = Channel(
    "missing",
    "Missing segments",
    "Lit segments may go dark, as in a worn display; dark ones stay dark.",
    "probability per lit segment",
    LEVELS,
    lambda level: [Fault(1, level, 0)],
)
EXTRA = Channel(
    "extra",
    "Extra segments",
    "Dark segments may light up, as in a leaking display; lit ones stay lit.",
    "probability per dark segment",
    LEVELS,
    lambda level: [Fault(1, 0, level)],
)
ONE_FAULT = Channel(
    "one-fault",
    "One fault",
    "Exactly one segment, any of the seven, shows the opposite of what it should.",
    "probability that a display has a fault",
    ALL_LEVELS,
    lambda level: [
        Fault(level / len(SEGMENTS), _one_hot(n), _one_hot(n)) for n in range(len(SEGMENTS))
    ],
)
# A segment that more digits use is lit for longer: c, lit by nine digits, wears fastest.
_WEAR: Vector = CLEAN.sum(axis=0, dtype=np.float64) / CLEAN.sum(axis=0).max()
WEAR = Channel(
    "wear",
    "Unequal wear",
    "Lit segments may go dark. Those that more digits use fail more often: c most, e least.",
    "probability for segment c, the most used",
    LEVELS,
    lambda level: [Fault(1, level * _WEAR, 0)],
)
_FOUR = (BIT_FLIP, MISSING, EXTRA, ONE_FAULT)
ANY = Channel(
    "any",
    "Mixed faults",
    "Each display gets one of four noises, equally often: bit flip, missing, extra, one fault.",
    "level of the noise that the display gets",
    LEVELS,
    lambda level: [
        replace(fault, probability=fault.probability / len(_FOUR))
        for channel in _FOUR
        for fault in channel.all_faults(level)
    ],
)


def together(segments: str) -> Channel:
    """Returns the noise that darkens a group of segments at once, like a broken wire.

    Args:
        segments: the group's letters, such as "ab".

    Raises:
        InvalidInput: if there is no such group.
    """
    letters = "".join(sorted(set(segments)))
    if not letters or not set(letters) <= set(SEGMENTS):
        raise InvalidInput(
            f"Expected a group of segments, letters of a to g such as ab. Received: {segments[:40]}"
        )
    hit = np.array([letter in letters for letter in SEGMENTS], np.float64)
    words = listed(letters)
    return Channel(
        f"together:{letters}",
        f"{words} fail together" if letters[1:] else f"{words} fails",
        f"{words} share a wire: all go dark, or none."
        if letters[1:]
        else f"Segment {words} goes dark.",
        "probability that the wire is broken",
        ALL_LEVELS,
        lambda level: [Fault(level, hit, 0)],
    )


def stuck(segment: str, *, on: bool) -> Channel:
    """Returns the noise that makes one segment always lit, or always dark.

    Args:
        segment: its letter.
        on: whether it is always lit.

    Raises:
        InvalidInput: if there is no such segment.
    """
    if len(segment) != 1 or segment not in SEGMENTS:
        raise InvalidInput(f"Expected one segment, a to g. Received: {segment[:40]!r}")
    hit = _one_hot(SEGMENTS.index(segment))
    state = "on" if on else "off"
    return Channel(
        f"stuck:{segment}-{state}",
        f"{segment} stuck {state}",
        f"Segment {segment} is {'lit' if on else 'dark'}, whatever the digit.",
        "probability that a display has this fault",
        ALL_LEVELS,
        lambda level: [Fault(level, 0, hit) if on else Fault(level, hit, 0)],
    )


def own(on_to_off: Sequence[float], off_to_on: Sequence[float]) -> Channel:
    """Returns a noise with its own probability for each segment and direction.

    Args:
        on_to_off: seven whole percentages, 0..100: how often each lit segment goes dark.
        off_to_on: seven whole percentages, 0..100: how often each dark segment lights up.

    Raises:
        InvalidInput: if they are not.
    """
    for values in (on_to_off, off_to_on):
        if len(values) != len(SEGMENTS) or not all(
            0 <= value <= 100 and value == int(value) for value in values
        ):
            raise InvalidInput(
                "Expected a whole per cent, 0 to 100, for each of the segments a to g."
                f" Received: {list(values)[:10]}"
            )
    dark, lit = (np.array(values, np.float64) / 100 for values in (on_to_off, off_to_on))
    written = [",".join(str(int(value)) for value in values) for values in (on_to_off, off_to_on)]
    return Channel(
        f"own:{written[0]}/{written[1]}",
        "Your own",
        "Each segment fails with the probability in your table.",
        "factor for the probabilities in your table (1: as in the table)",
        ALL_LEVELS,
        lambda level: [Fault(1, level * dark, level * lit)],
    )


TOGETHER = together("ab")
STUCK = stuck("g", on=False)
OWN = own((10,) * 7, (5,) * 7)
CHANNELS: tuple[Channel, ...] = (
    BIT_FLIP,
    MISSING,
    EXTRA,
    ONE_FAULT,
    TOGETHER,
    STUCK,
    WEAR,
    ANY,
    OWN,
)
_BY_NAME = {channel.name: channel for channel in CHANNELS}


@lru_cache(maxsize=256)
def channel(name: str) -> Channel:
    """Returns the channel of that name; a name may spell out a group, a segment or a table.

    Args:
        name: such as `flip`, `together:abf`, `stuck:d-on` or `own:5,5,5,5,5,5,5/0,0,0,0,0,0,0`.

    Raises:
        InvalidInput: if there is none; the message lists the known names.
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    kind, _, rest = name.partition(":")
    if kind == "together" and rest:
        return together(rest)
    if kind == "stuck" and (parts := re.fullmatch(r"(\w)-(on|off)", rest)):
        return stuck(parts[1], on=parts[2] == "on")
    if kind == "own" and re.fullmatch(r"\d{1,3}(,\d{1,3}){6}/\d{1,3}(,\d{1,3}){6}", rest):
        dark, lit = (tuple(map(int, half.split(","))) for half in rest.split("/"))
        return own(dark, lit)
    raise InvalidInput(f"There is no noise called {name[:60]!r}. There is: {', '.join(_BY_NAME)}.")
