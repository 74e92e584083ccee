"""Digits as somebody might draw them on a sheet of 320 x 320, as strokes that a browser sends."""

import numpy as np

# Paths of the pen, in thousandths of the digit's height.
_PATHS = {
    0: [
        [(300, 0), (60, 180), (0, 500), (80, 850), (320, 1000), (560, 820), (620, 480), (520, 120)]
    ],
    1: [[(0, 220), (200, 0), (210, 1000)]],
    2: [[(0, 220), (150, 20), (450, 30), (560, 260), (380, 560), (0, 1000), (620, 980)]],
    3: [[(0, 80), (350, 0), (540, 200), (260, 460), (560, 640), (450, 940), (0, 960)]],
    4: [[(350, 0), (0, 620), (650, 640)], [(480, 330), (440, 1000)]],
    5: [[(560, 0), (80, 20), (40, 440), (380, 400), (580, 650), (420, 960), (0, 940)]],
    6: [[(420, 0), (100, 350), (0, 720), (180, 1000), (480, 900), (480, 640), (60, 640)]],
    7: [[(0, 0), (620, 10), (250, 1000)], [(120, 500), (500, 480)]],
    8: [
        [
            (300, 480),
            (60, 240),
            (280, 0),
            (520, 220),
            (40, 740),
            (280, 1000),
            (560, 760),
            (300, 480),
        ]
    ],
    9: [[(540, 240), (280, 480), (20, 280), (240, 20), (540, 160), (500, 600), (380, 1000)]],
}


def drawn_digits(count, *, seed=0):
    """Returns drawings, each a list of strokes: digits in turn, with brushes, sizes and places."""
    draw = np.random.default_rng(seed)
    return [_digit(number % 10, draw) for number in range(count)]


def _digit(digit, draw):
    height = draw.uniform(60, 280)
    turn, lean = draw.uniform(-0.2, 0.2), draw.uniform(-0.3, 0.3)
    place = draw.uniform(10, 300 - height * 0.9, 2)
    width = int(draw.choice([4, 8, 14, 20, 20, 26, 40, 48]))
    strokes = []
    for path in _PATHS[digit]:
        points = np.array(path, float)
        # As many points as a hand that moves quickly leaves, each a little off the line.
        steps = np.linspace(0, len(points) - 1, 6 * len(points))
        x, y = (np.interp(steps, np.arange(len(points)), points[:, axis]) for axis in (0, 1))
        x, y = x + lean * (1000 - y) - turn * y, y + turn * x
        both = np.stack([x, y], axis=1) * height / 1000 + place + draw.normal(0, 1, (len(x), 2))
        strokes.append({"width": width, "points": both.round(1).ravel().tolist()})
    return strokes
