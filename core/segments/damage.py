"""Damage that always shows: noise on one pattern, drawn again until something changes.

Drawing again until the pattern changes is the noise's own distribution, given that something
changed. Both are known exactly, so nothing loops, however rarely the fault occurs: the number of
draws follows the geometric distribution, and the result one of at most 127 changed patterns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segments.channels import Channel
from core.segments.patterns import ALL_PATTERNS, SEGMENTS, to_inputs, to_pattern


@dataclass(frozen=True)
class Damage:
    """What damage did to a pattern.

    Args:
        before: the pattern before, seven characters of 0 and 1.
        after: the pattern after, a different one.
        draw: the draw that changed it: 1 if the first did, 4 if the first three changed nothing.
    """

    before: str
    after: str
    draw: int = 1


@dataclass(frozen=True)
class Reach:
    """The segments that a fault can change at all.

    Args:
        dark: letters of the segments that can go dark if they are lit.
        lit: letters of the segments that can light up if they are dark.
    """

    dark: str
    lit: str

    def changes(self, pattern: str) -> bool:
        """Whether the fault can change this pattern."""
        return any(
            segment in (self.dark if state == "1" else self.lit)
            for segment, state in zip(SEGMENTS, pattern, strict=True)
        )


def reach(channel: Channel, level: float) -> Reach:
    """Returns the segments that a noise can change at a level; at level 0, none.

    Raises:
        InvalidInput: if the level is out of range.
    """
    channel.check_level(level)
    dark, lit = np.zeros(len(SEGMENTS), bool), np.zeros(len(SEGMENTS), bool)
    for fault in channel.all_faults(level):
        dark |= np.asarray(fault.on_to_off) > 0
        lit |= np.asarray(fault.off_to_on) > 0
    return Reach(_letters(dark), _letters(lit))


def damage(channel: Channel, pattern: str, *, level: float, random_state: int) -> Damage | None:
    """Damages a pattern so that it changes.

    Args:
        channel: the noise.
        pattern: seven characters of 0 and 1.
        level: 0 to the last of the noise's levels.
        random_state: seed; the same seed gives the same damage.

    Returns:
        What happened, or None if this noise can never change this pattern at this level.

    Raises:
        InvalidInput: if the level is out of range or the pattern is none.
    """
    if not reach(channel, level).changes(pattern):
        return None
    changed = channel.outcomes(to_inputs(pattern), level)[0]  # (128,)
    changed[int(pattern, 2)] = 0
    chance = float(changed.sum())  # that one draw changes something
    generator = np.random.default_rng(random_state)
    after = generator.choice(len(changed), p=changed / chance)
    return Damage(
        pattern, to_pattern(ALL_PATTERNS[after]), int(generator.geometric(min(chance, 1)))
    )


def _letters(which: NDArray[np.bool_]) -> str:
    return "".join(segment for segment, hit in zip(SEGMENTS, which, strict=True) if hit)
