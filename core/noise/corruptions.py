"""Noise on pictures of digits: the corruptions of MNIST-C.

MNIST-C is a public benchmark of how well networks read corrupted digits. The kinds of corruption
are the same here, but implementations and levels are new: as the level rises, a network that has
never seen the corruption fails more and more; at 0.5 a person still reads most digits.

Source of the list: N. Mu, J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision"
(2019).
"""

from __future__ import annotations

import math

from core.noise import blur, overlays, sensor, warps
from core.noise.base import PixelNoise

FIVE_LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"


def _lines(level: float) -> str:
    count = overlays.lines(level)
    return "1 line" if count == 1 else f"{count} lines"


SHOT = PixelNoise(
    "shot",
    "Shot noise",
    "Light arrives as single particles (photons). The fewer there are, the grainier the picture.",
    "average number of photons from a white pixel",
    FIVE_LEVELS,
    sensor.shot,
    lambda level: f"{sensor.PHOTONS / level**2:.2g} photons",
)
IMPULSE = PixelNoise(
    "impulse",
    "Impulse noise",
    "Some pixels get a random brightness, as with a faulty wire.",
    "probability per pixel",
    FIVE_LEVELS,
    sensor.impulse,
)
GLASS_BLUR = PixelNoise(
    "glass-blur",
    "Glass blur",
    "The digit is seen through frosted glass: each pixel shows a random place near it.",
    "distance that a pixel moves at most, in % of the picture's side",
    FIVE_LEVELS,
    blur.glass_blur,
    lambda level: _percent(blur.GLASS * level),
)
MOTION_BLUR = PixelNoise(
    "motion-blur",
    "Motion blur",
    "The camera moved: the digit is smeared in a random direction.",
    "distance that the camera moves, in % of the picture's side",
    FIVE_LEVELS,
    blur.motion_blur,
    lambda level: _percent(blur.MOTION * level),
)
SHEAR = PixelNoise(
    "shear",
    "Shear",
    "The digit leans to the left or to the right.",
    "angle by which the digit leans",
    FIVE_LEVELS,
    warps.shear,
    lambda level: f"{math.degrees(math.atan(warps.LEAN * level)):.0f}°",
)
SCALE = PixelNoise(
    "scale",
    "Scale",
    "The digit is written smaller, in the middle of the picture.",
    "shrinkage of width and height",
    FIVE_LEVELS,
    warps.scale,
    lambda level: _percent(warps.SHRINKING * level),
)
ROTATE = PixelNoise(
    "rotate",
    "Rotation",
    "The digit is turned to the left or to the right.",
    "angle by which the digit turns",
    FIVE_LEVELS,
    warps.rotate,
    lambda level: f"{warps.DEGREES * level:.0f}°",
)
BRIGHTNESS = PixelNoise(
    "brightness",
    "Brightness",
    "The same amount of light is added everywhere, like glare: black turns grey, grey white.",
    "light added to every pixel (black is 0, white is 1)",
    FIVE_LEVELS,
    sensor.brightness,
    lambda level: f"+{sensor.BRIGHTEST * level:.2g}",
)
TRANSLATE = PixelNoise(
    "translate",
    "Translation",
    "The digit moves in a random direction, at high levels partly out of the picture.",
    "distance that the digit moves, in % of the picture's side",
    FIVE_LEVELS,
    warps.translate,
    lambda level: _percent(warps.DISTANCE * level),
)
STRIPE = PixelNoise(
    "stripe",
    "Stripe",
    "Light and dark are swapped in a band across the picture.",
    "height of the band as a share of the picture, in whole rows",
    FIVE_LEVELS,
    overlays.stripe,
)
FOG = PixelNoise(
    "fog",
    "Fog",
    "White fog covers the picture, thinner in some places and denser in others.",
    "share of the contrast that the densest fog hides",
    FIVE_LEVELS,
    sensor.fog,
    lambda level: _percent(sensor.DENSEST * level),
)
SPATTER = PixelNoise(
    "spatter",
    "Spatter",
    "White drops of many shapes fall on the picture.",
    "share of the picture that drops cover",
    FIVE_LEVELS,
    overlays.spatter,
    lambda level: _percent(overlays.SPATTER * level),
)
DOTTED_LINE = PixelNoise(
    "dotted-line",
    "Dotted lines",
    "Dotted lines run across the picture, each straight from one side to the other.",
    "number of lines",
    FIVE_LEVELS,
    overlays.dotted_line,
    _lines,
)
ZIGZAG = PixelNoise(
    "zigzag",
    "Zigzag",
    "A zigzag line runs across the picture from one side to the other.",
    "height of the zigzag, in % of the picture's",
    FIVE_LEVELS,
    overlays.zigzag,
    lambda level: _percent(overlays.SWING * level),
)
EDGES = PixelNoise(
    "edges",
    "Edges",
    "The digit fades until only its outlines remain (found by Canny's method).",
    "share of outlines in the mixture",
    FIVE_LEVELS,
    blur.edges,
    lambda level: _percent(2 * level),
)

CORRUPTIONS = (
    SHOT,
    IMPULSE,
    GLASS_BLUR,
    MOTION_BLUR,
    SHEAR,
    SCALE,
    ROTATE,
    BRIGHTNESS,
    TRANSLATE,
    STRIPE,
    FOG,
    SPATTER,
    DOTTED_LINE,
    ZIGZAG,
    EDGES,
)
