"""Augmentation: small random rotations, shifts, distortions and inversions, new in every epoch.

A network that never sees the same picture twice cannot memorise it. The parameters are drawn
beforehand, so the batches in which pictures are then warped do not matter: an interrupted run
resumes exactly as if it had continued.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs

# Elastic distortion moves the nodes of a net over the picture, and interpolates between them.
NET = 5  # nodes per side
_FIXED = 7  # columns of a draw before the net's


@dataclass(frozen=True)
class Augmentation:
    """The largest change of each kind; 0 turns it off.

    Args:
        rotation: to either side, in degrees.
        shift: across and down, as a share of the picture's side.
        zoom: relative change in size: 0.15 is a scale of 0.85 to 1.15.
        invert: probability of swapping light and dark, 0..1.
        shear: how far the top leans to either side, as a share of the height.
        elastic: standard deviation of the nodes' shifts, as a share of the picture's side.
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
        """Whether any change is turned on."""
        return any(astuple(self))

    def draw(self, count: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """Draws the random parameters for `count` pictures.

        Returns:
            float32, shape (count, 7): degrees, shift across and down (shares of the side), scale,
            1 where light and dark are swapped, shear, stroke; with `elastic`, further columns for
            the net's nodes: first their shifts across, then down.
        """
        draws = generator.uniform(-1, 1, (count, 4)) * [
            self.rotation,
            self.shift,
            self.shift,
            self.zoom,
        ]
        draws[:, 3] += 1
        columns = [draws, generator.random((count, 1)) < self.invert]
        # Drawn last, so that runs without these stay as they were before they were added.
        if self.shear or self.stroke:
            columns.append(generator.uniform(-1, 1, (count, 2)) * [self.shear, self.stroke])
        else:
            columns.append(np.zeros((count, 2)))
        if self.elastic:
            columns.append(self.elastic * generator.standard_normal((count, 2 * NET * NET)))
        return np.concatenate(columns, axis=1).astype(np.float32)


def augment(x: Inputs, draws: NDArray[np.float32]) -> Inputs:
    """Applies to each picture the parameters drawn for it.

    Args:
        x: float32, shape (n, height, width, 1), values in 0..1.
        draws: float32, from `Augmentation.draw`.

    Returns:
        float32, the shape of `x`; pixels from outside the picture are 0 before inversion.
    """
    import cv2

    height, width = x.shape[1:3]
    changed = np.empty_like(x)
    matrices = _matrices(draws, height, width)
    if draws.shape[1] > _FIXED:
        for picture, target, places in zip(
            x, changed, _places(draws, matrices, height, width), strict=True
        ):
            cv2.remap(  # type: ignore[call-overload]  # the stubs do not allow None
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
    """Returns the affine matrix of each draw, from source to target: float64, shape (n, 2, 3).

    Rotation, shear and scale are about the picture's centre, before the shift. Shifts alone are by
    whole pixels, so that pictures stay sharp.
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
    """Returns the source position of each pixel: float32, shape (n, height, width, 2)."""
    import cv2

    down, across = np.mgrid[:height, :width].astype(np.float32)
    back = np.linalg.inv(matrices[:, :, :2])
    targets = np.stack([across, down], axis=-1).reshape(-1, 2)  # (height * width, 2)
    from_there = (targets - matrices[:, np.newaxis, :, 2]) @ back.transpose(0, 2, 1)
    nodes = draws[:, _FIXED:].reshape(-1, 2, NET, NET)
    # Resizing the identity matrix gives each node's interpolation weight at each pixel.
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
