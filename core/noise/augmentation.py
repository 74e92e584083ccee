"""Augmentation: pictures are turned, moved, bent and inverted a little, anew in every epoch.

A network that never sees the same picture twice cannot memorise it. What happens to each
picture is drawn beforehand, so that it does not matter in which portions they are then warped: a
run that was interrupted goes on exactly as it would have gone.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs

# Bending moves the nodes of a net laid over the picture; all between them follows smoothly.
NET = 5  # nodes to a side
_FIXED = 7  # columns of a draw before those of the net


@dataclass(frozen=True)
class Augmentation:
    """How far pictures are changed at most; 0 leaves that alone.

    Args:
        rotation: to either side, in degrees.
        shift: across and down, as a share of the picture's side.
        zoom: larger or smaller, as a share: 0.15 is a scale of 0.85 to 1.15.
        invert: share of the pictures whose light and dark are exchanged, 0..1.
        shear: how far the top leans to either side, as a share of the height.
        elastic: standard deviation of the net's nodes, as a share of the picture's side.
        stroke: how far lines are made thicker or thinner; 1 is a whole pixel at each edge.

    Source of "elastic": P. Simard, D. Steinkraus, J. Platt, "Best Practices for Convolutional
    Neural Networks Applied to Visual Document Analysis" (2003), here on a coarse net.
    """

    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    invert: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    stroke: float = 0.0

    @property
    def active(self) -> bool:
        """Whether anything happens at all."""
        return any(astuple(self))

    def draw(self, count: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """Draws what happens to each of `count` pictures.

        Returns:
            float32, shape (count, 7): degrees, shift across and down (shares of the side), scale,
            1 where light and dark are exchanged, shear, stroke; with `elastic` further columns
            for the net's nodes, first how far each moves across, then how far down.
        """
        draws = generator.uniform(-1, 1, (count, 4)) * [
            self.rotation,
            self.shift,
            self.shift,
            self.zoom,
        ]
        draws[:, 3] += 1
        columns = [draws, generator.random((count, 1)) < self.invert]
        # Drawn last: runs without them stay as they were before these were added.
        if self.shear or self.stroke:
            columns.append(generator.uniform(-1, 1, (count, 2)) * [self.shear, self.stroke])
        else:
            columns.append(np.zeros((count, 2)))
        if self.elastic:
            columns.append(self.elastic * generator.standard_normal((count, 2 * NET * NET)))
        return np.concatenate(columns, axis=1).astype(np.float32)


def augment(x: Inputs, draws: NDArray[np.float32]) -> Inputs:
    """Changes each picture as was drawn for it.

    Args:
        x: float32, shape (n, height, width, 1), values in 0..1.
        draws: float32, from `Augmentation.draw`.

    Returns:
        float32, the shape of `x`; places from outside the picture are 0 before inversion.
    """
    import cv2

    height, width = x.shape[1:3]
    changed = np.empty_like(x)
    matrices = _matrices(draws, height, width)
    if draws.shape[1] > _FIXED:
        for picture, target, places in zip(
            x, changed, _places(draws, matrices, height, width), strict=True
        ):
            cv2.remap(  # type: ignore[call-overload]  # the stubs do not know that None is right
                picture, places, None, cv2.INTER_LINEAR, dst=target
            )
    else:
        for picture, target, matrix in zip(x, changed, matrices, strict=True):
            cv2.warpAffine(picture, matrix, (width, height), dst=target, flags=cv2.INTER_LINEAR)
    if draws[:, 6].any():
        _change_strokes(changed, draws[:, 6])
    inverted = draws[:, 4] > 0
    changed[inverted] = 1 - changed[inverted]
    return changed


def _matrices(draws: NDArray[np.float32], height: int, width: int) -> NDArray[np.float64]:
    """Returns for each draw where its picture's points go: float64, shape (n, 2, 3).

    Turned, leant and scaled about the picture's centre, then moved. Pictures that are only moved
    go by whole pixels, so that they stay as sharp as they are.
    """
    degrees, right, down, scale = draws[:, :4].astype(np.float64).T
    shear = draws[:, 5].astype(np.float64)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    along = scale * np.cos(np.radians(degrees))
    across = scale * np.sin(np.radians(degrees))
    turn = np.stack([np.stack([along, across], 1), np.stack([-across, along], 1)], 1)  # (n, 2, 2)
    turn[:, :, 1] -= turn[:, :, 0] * shear[:, np.newaxis]
    shift = np.stack([right * width, down * height], 1)  # pixels
    if draws.shape[1] == _FIXED and not (degrees.any() or shear.any()) and (scale == 1).all():
        shift = np.rint(shift)
    move = centre - turn @ centre + shift
    return np.concatenate([turn, move[:, :, np.newaxis]], axis=2)


def _places(
    draws: NDArray[np.float32], matrices: NDArray[np.float64], height: int, width: int
) -> NDArray[np.float32]:
    """Returns for each pixel where its value comes from: float32, shape (n, height, width, 2)."""
    import cv2

    down, across = np.mgrid[:height, :width].astype(np.float32)
    back = np.linalg.inv(matrices[:, :, :2])
    targets = np.stack([across, down], axis=-1).reshape(-1, 2)  # (height * width, 2)
    from_there = (targets - matrices[:, np.newaxis, :, 2]) @ back.transpose(0, 2, 1)
    nodes = draws[:, _FIXED:].reshape(-1, 2, NET, NET)
    # Enlarging the unit matrix gives the weights with which each node counts at each pixel.
    unit = np.eye(NET, dtype=np.float32)
    rows = cv2.resize(unit, (NET, height), interpolation=cv2.INTER_CUBIC)  # (height, NET)
    columns = cv2.resize(unit, (NET, width), interpolation=cv2.INTER_CUBIC)  # (width, NET)
    bent = rows @ nodes @ columns.T * np.array([width, height], np.float32).reshape(2, 1, 1)
    places = from_there.reshape(len(draws), height, width, 2) + bent.transpose(0, 2, 3, 1)
    return np.ascontiguousarray(places, dtype=np.float32)


def _change_strokes(x: Inputs, amounts: NDArray[np.float32]) -> None:
    """Makes the lines of each picture thicker (amount above 0) or thinner, in place."""
    import cv2

    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    for picture, amount in zip(x, amounts, strict=True):
        other = cv2.dilate(picture, cross) if amount > 0 else cv2.erode(picture, cross)
        picture += abs(amount) * (other[..., np.newaxis] - picture)
