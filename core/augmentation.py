"""Augmentation: pictures are turned, moved, scaled and inverted a little, anew in every epoch.

A network that never sees the same picture twice cannot learn it by heart. What happens to each
picture is drawn beforehand, so that it does not matter in which portions they are then warped: a
run that was interrupted goes on exactly as it would have gone.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs


@dataclass(frozen=True)
class Augmentation:
    """How far pictures are changed at most; 0 leaves that alone.

    Args:
        rotation: to either side, in degrees.
        shift: across and down, as a share of the picture's side.
        zoom: larger or smaller, as a share: 0.15 is a scale of 0.85 to 1.15.
        invert: share of the pictures whose light and dark are exchanged, 0..1.
    """

    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    invert: float = 0.0

    @property
    def active(self) -> bool:
        """Whether anything happens at all."""
        return any(astuple(self))

    def draw(self, count: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """Draws what happens to each of `count` pictures.

        Returns:
            float32, shape (count, 5): degrees, shift across and down (shares of the side),
            scale, and 1 where light and dark are exchanged.
        """
        draws = generator.uniform(-1, 1, (count, 4)) * [
            self.rotation,
            self.shift,
            self.shift,
            self.zoom,
        ]
        draws[:, 3] += 1
        inverted = generator.random((count, 1)) < self.invert
        return np.concatenate([draws, inverted], axis=1).astype(np.float32)


def augment(x: Inputs, draws: NDArray[np.float32]) -> Inputs:
    """Changes each picture as was drawn for it.

    Args:
        x: float32, shape (n, height, width, 1), values in 0..1.
        draws: float32, shape (n, 5), from `Augmentation.draw`.

    Returns:
        float32, the shape of `x`; places from outside the picture are 0 before inversion.
    """
    import cv2

    height, width = x.shape[1:3]
    changed = np.empty_like(x)
    places = _matrices(draws, height, width)
    for picture, target, matrix in zip(x, changed, places, strict=True):
        cv2.warpAffine(picture, matrix, (width, height), dst=target, flags=cv2.INTER_LINEAR)
    inverted = draws[:, 4] > 0
    changed[inverted] = 1 - changed[inverted]
    return changed


def _matrices(draws: NDArray[np.float32], height: int, width: int) -> NDArray[np.float64]:
    """Returns for each draw where its picture's points go: float64, shape (n, 2, 3).

    Turned and scaled about the picture's centre, then moved. Pictures that are only moved go by
    whole pixels, so that they stay as sharp as they are.
    """
    degrees, right, down, scale = draws[:, :4].astype(np.float64).T
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    along = scale * np.cos(np.radians(degrees))
    across = scale * np.sin(np.radians(degrees))
    turn = np.stack([np.stack([along, across], 1), np.stack([-across, along], 1)], 1)  # (n, 2, 2)
    shift = np.stack([right * width, down * height], 1)  # pixels
    if not degrees.any() and (scale == 1).all():
        shift = np.rint(shift)
    move = centre - turn @ centre + shift
    return np.concatenate([turn, move[:, :, np.newaxis]], axis=2)
