"""What tasks with generated examples share: noise on each part, from seeds of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.data import Dataset, Split
from core.noise.base import Noise
from core.tasks.base import DataSource


def source(
    *, name: str, title: str, note: str, part: Callable[[int], Split], words: str
) -> DataSource:
    """Returns a data set whose examples are made once, and whose noise comes from a run's seed.

    Args:
        name: see `DataSource`.
        title: see `DataSource`.
        note: see `DataSource`.
        part: `(number) -> Split`, the clean examples for training (0), validation (1) and testing
            (2), kept once they are made.
        words: what the test examples are called.
    """

    def load(noise: Noise | None, level: float, seed: int) -> Dataset:
        train, validation, test = map(part, range(3))
        if noise is None or level == 0:
            return Dataset(train, validation, {words: test})
        # Children of one seed: the parts are independent of each other.
        seeds = np.random.SeedSequence(seed).generate_state(3)
        noisy = [
            Split(noise.apply(clean.x, level=level, random_state=int(state)), clean.y)
            for clean, state in zip((train, validation, test), seeds, strict=True)
        ]
        return Dataset(
            noisy[0],
            noisy[1],
            {f"{words}, {noise.title.lower()} at {level:g}": noisy[2], words: test},
        )

    return DataSource(
        name=name,
        title=title,
        note=note,
        load=load,
        examples=lambda limit: part(2).thinned(limit),
        clean_tests={words: lambda: part(2)},
    )
