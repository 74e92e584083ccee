"""Pictures of anything but a digit, which a network must learn to reject.

Training and test have no kinds, letters or typefaces in common, so the test shows how a network
treats things that it has never seen. Letters that could be a digit (O, I, S, Z, B, g, q and the
like) are in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.datasets import pen_strokes
from core.imaging.normalize import to_network_input

SIZE = pen_strokes.CANVAS
_MIDDLE = SIZE / 2
_TRAIN_LETTERS = "AEFHNPVWamvw"
_TEST_LETTERS = "KMReknr"
# The Hershey fonts, as OpenCV numbers them.
_SIMPLEX, _PLAIN, _DUPLEX, _COMPLEX, _TRIPLEX = 0, 1, 2, 3, 4
_SCRIPT_SIMPLEX, _SCRIPT_COMPLEX = 6, 7
_TRAIN_TYPEFACES = (_SIMPLEX, _DUPLEX, _COMPLEX, _PLAIN)
_TEST_TYPEFACES = (_SCRIPT_SIMPLEX, _SCRIPT_COMPLEX, _TRIPLEX)

Canvas = NDArray[np.uint8]
Points = NDArray[np.float64]
Draw = Callable[[np.random.Generator], Canvas]


def _paper() -> Canvas:
    return np.full((SIZE, SIZE), 255, np.uint8)


def _stroke(canvas: Canvas, points: Points, width: float) -> None:
    """Draws a line through points in units of the canvas' side, with 0 in its middle."""
    import cv2

    path = np.rint((points * SIZE + _MIDDLE) * 16).astype(np.int32)
    cv2.polylines(canvas, [path], False, 0, max(1, round(width)), cv2.LINE_AA, 4)


def _width(generator: np.random.Generator) -> float:
    return float(generator.uniform(5, 26))


def _tilted(points: Points, generator: np.random.Generator, degrees: float = 15) -> Points:
    angle = np.radians(generator.uniform(-degrees, degrees))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    tilted: Points = points @ turn.T * generator.uniform(0.7, 1.2, 2)
    return tilted


def _curls(generator: np.random.Generator) -> Canvas:
    """A closed scribble: the sum of sine waves of several frequencies."""
    time = np.linspace(0, 2 * np.pi, 240)
    orders = generator.choice(np.arange(3, 9), 3, replace=False)
    waves = generator.uniform(0.4, 1, (2, 3)) / 5
    phases = generator.uniform(0, 2 * np.pi, (2, 3))
    points = np.stack(
        [
            sum(
                waves[axis, n] * np.sin(orders[n] * time + phases[axis, n])
                for n in range(len(orders))
            )
            for axis in range(2)
        ],
        axis=1,
    )
    canvas = _paper()
    _stroke(canvas, points, generator.uniform(3, 14))
    return canvas


def _wandering(generator: np.random.Generator) -> Canvas:
    """An open scribble: a smoothed random walk, scaled to fit the canvas."""
    import cv2

    steps = generator.normal(0, 1, (int(generator.integers(60, 220)), 2))
    speed = np.asarray(cv2.GaussianBlur(steps, (1, 9), 0), np.float64)
    points = np.cumsum(speed, axis=0)
    points = points - points.mean(axis=0)
    points = points * 0.4 / max(float(np.abs(points).max()), 1e-6)
    canvas = _paper()
    _stroke(canvas, points, generator.uniform(3, 12))
    return canvas


def _letters(characters: str, typefaces: tuple[int, ...]) -> Draw:
    def draw(generator: np.random.Generator) -> Canvas:
        import cv2

        text = characters[generator.integers(len(characters))]
        typeface = typefaces[generator.integers(len(typefaces))]
        thickness = int(generator.integers(3, 22))
        scale = cv2.getFontScaleFromHeight(typeface, 150, thickness)
        (wide, high), _ = cv2.getTextSize(text, typeface, scale, thickness)
        canvas = _paper()
        corner = (round(_MIDDLE - wide / 2), round(_MIDDLE + high / 2))
        cv2.putText(canvas, text, corner, typeface, scale, 0, thickness, cv2.LINE_AA)
        matrix = cv2.getRotationMatrix2D((_MIDDLE, _MIDDLE), generator.uniform(-12, 12), 1)
        matrix[0, 1] += generator.uniform(-0.2, 0.2)
        return np.asarray(
            cv2.warpAffine(canvas, matrix, (SIZE, SIZE), borderValue=255), dtype=np.uint8
        )

    return draw


def _shapes(shapes: Mapping[str, tuple[Points, ...]]) -> Draw:
    names = tuple(shapes)

    def draw(generator: np.random.Generator) -> Canvas:
        strokes = shapes[names[generator.integers(len(names))]]
        sizes = [len(stroke) for stroke in strokes]
        moved = _tilted(np.concatenate(strokes), generator)
        canvas, width = _paper(), _width(generator)
        for stroke in np.split(moved, np.cumsum(sizes)[:-1]):
            shaken = stroke + generator.normal(0, 0.012, stroke.shape)
            _stroke(canvas, shaken, width)
        return canvas

    return draw


def _lines(*strokes: list[tuple[float, float]]) -> tuple[Points, ...]:
    return tuple(np.array(stroke, float) for stroke in strokes)


def _circle(radius: float, across: float = 0, down: float = 0, turns: float = 1) -> Points:
    time = np.linspace(0, 2 * np.pi * turns, round(40 * turns))
    return np.stack([across + radius * np.cos(time), down + radius * np.sin(time)], axis=1)


def _spiral() -> Points:
    time = np.linspace(0, 6 * np.pi, 160)
    return np.stack([np.cos(time), np.sin(time)], axis=1) * (0.03 + 0.02 * time)[:, np.newaxis]


def _star(points: int) -> Points:
    angle = np.arange(points + 1) * 2 * np.pi * (points // 2) / points - np.pi / 2
    return 0.35 * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _heart() -> Points:
    time = np.linspace(0, 2 * np.pi, 60)
    across = 16 * np.sin(time) ** 3
    up = 13 * np.cos(time) - 5 * np.cos(2 * time) - 2 * np.cos(3 * time) - np.cos(4 * time)
    return np.stack([across, -up], axis=1) / 48


_TRAIN_SHAPES: Mapping[str, tuple[Points, ...]] = {
    "cross": _lines([(-0.3, -0.3), (0.3, 0.3)], [(-0.3, 0.3), (0.3, -0.3)]),
    "plus": _lines([(-0.35, 0), (0.35, 0)], [(0, -0.35), (0, 0.35)]),
    "star": (_star(5),),
    "spiral": (_spiral(),),
    "check mark": _lines([(-0.3, 0), (-0.1, 0.25), (0.35, -0.3)]),
    "zigzag": _lines([(-0.4, 0.1), (-0.2, -0.1), (0, 0.1), (0.2, -0.1), (0.4, 0.1)]),
    "hash": _lines(
        [(-0.12, -0.35), (-0.15, 0.35)],
        [(0.15, -0.35), (0.12, 0.35)],
        [(-0.35, -0.12), (0.35, -0.12)],
        [(-0.35, 0.12), (0.35, 0.12)],
    ),
    "level line": _lines([(-0.4, 0), (0.4, 0)]),
    "dots": (_circle(0.01, -0.25), _circle(0.01, 0.0), _circle(0.01, 0.25)),
    "triangle": _lines([(0, -0.3), (0.35, 0.3), (-0.35, 0.3), (0, -0.3)]),
}
_TEST_SHAPES: Mapping[str, tuple[Points, ...]] = {
    "heart": (_heart(),),
    "arrow": _lines([(-0.4, 0), (0.4, 0)], [(0.2, -0.2), (0.4, 0), (0.2, 0.2)]),
    "smiley": (
        _circle(0.38),
        _circle(0.02, -0.14, -0.12),
        _circle(0.02, 0.14, -0.12),
        np.array([(-0.18, 0.12), (-0.08, 0.2), (0.08, 0.2), (0.18, 0.12)]),
    ),
    "house": _lines(
        [(-0.25, 0.35), (-0.25, -0.05), (0, -0.35), (0.25, -0.05), (0.25, 0.35), (-0.25, 0.35)],
        [(-0.25, -0.05), (0.25, -0.05)],
    ),
    "wave": (
        np.stack(
            [np.linspace(-0.42, 0.42, 60), 0.1 * np.sin(np.linspace(0, 6 * np.pi, 60))], axis=1
        ),
    ),
    "asterisk": _lines(
        [(0, -0.32), (0, 0.32)], [(-0.28, -0.16), (0.28, 0.16)], [(-0.28, 0.16), (0.28, -0.16)]
    ),
}


def _blotches(generator: np.random.Generator) -> Canvas:
    """Blots of ink without any lines."""
    import cv2

    noise = generator.normal(0, 1, (SIZE, SIZE)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), float(generator.uniform(10, 40)))
    canvas = _paper()
    canvas[smooth > np.quantile(smooth, generator.uniform(0.55, 0.9))] = 0
    return canvas


def _doodle(generator: np.random.Generator) -> Canvas:
    """A few random strokes: bent lines and arcs of ellipses."""
    canvas, width = _paper(), _width(generator) * 0.8
    for _ in range(generator.integers(3, 6)):
        if generator.random() < 0.5:
            _stroke(canvas, generator.uniform(-0.38, 0.38, (generator.integers(4, 8), 2)), width)
            continue
        begin, length = generator.uniform(0, 2 * np.pi), generator.uniform(1.5, 2 * np.pi)
        time = begin + np.linspace(0, length, 40)
        ellipse = np.stack([np.cos(time), np.sin(time)], axis=1) * generator.uniform(0.06, 0.3, 2)
        _stroke(canvas, ellipse + generator.uniform(-0.15, 0.15, 2), width)
    return canvas


_TRAINING: tuple[tuple[Draw, float], ...] = (
    (_letters(_TRAIN_LETTERS, _TRAIN_TYPEFACES), 0.25),
    (_curls, 0.15),
    (_doodle, 0.35),
    (_shapes(_TRAIN_SHAPES), 0.2),
    (_blotches, 0.05),
)
_TEST: Mapping[str, Draw] = {
    "letters": _letters(_TEST_LETTERS, _TEST_TYPEFACES),
    "scribbles": _wandering,
    "shapes": _shapes(_TEST_SHAPES),
}


def _read(draw: Draw, generator: np.random.Generator) -> Inputs:
    return to_network_input(draw(generator), background=1.0)


def for_training(count: int, *, random_state: int) -> Inputs:
    """Makes training pictures of anything but a digit.

    Args:
        count: how many.
        random_state: seed of the generator.

    Returns:
        float32, shape (count, 28, 28, 1): letters, curls, doodles, shapes, blotches.
    """
    generator = np.random.default_rng(random_state)
    draws, weights = zip(*_TRAINING, strict=True)
    kinds = generator.choice(len(draws), count, p=weights)
    return np.stack([_read(draws[kind], generator) for kind in kinds])


def for_test(count: int, *, random_state: int) -> dict[str, Inputs]:
    """Makes test pictures of kinds that the network has not been trained on.

    Args:
        count: how many of each kind.
        random_state: seed of the generator.

    Returns:
        Keyed by kind: float32, shape (count, 28, 28, 1).
    """
    generator = np.random.default_rng(random_state)
    return {
        name: np.stack([_read(draw, generator) for _ in range(count)])
        for name, draw in _TEST.items()
    }
