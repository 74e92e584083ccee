"""Noise on pictures of digits: the corruptions of MNIST-C.

MNIST-C is a public benchmark of how well networks read corrupted digits. The kinds of corruption
are the same here, but implementations and levels are new: with rising level, a network that has
never seen the corruption fails more and more, and at 0.5 a person still reads most digits.

Source of the list: N. Mu, J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision"
(2019).
"""

from __future__ import annotations

import math

from core.noise import blur, overlays, sensor, warps
from core.noise.base import PixelNoise

FIVE_LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)

SHOT = PixelNoise(
    "shot",
    "Shot noise",
    "Light arrives as single particles (photons). The fewer there are, the grainier the picture.",
    f"at 0.2 a white pixel sends {sensor.GRAINS / 0.2**2:.2g} photons on average, at 0.5 only"
    f" {sensor.GRAINS / 0.5**2:.2g}",
    FIVE_LEVELS,
    sensor.shot,
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
    f"pixels move by up to {20 * blur.GLASS:.0f} % of the picture's side at 0.2, by up to"
    f" {50 * blur.GLASS:.0f} % at 0.5",
    FIVE_LEVELS,
    blur.glass_blur,
)
MOTION_BLUR = PixelNoise(
    "motion-blur",
    "Motion blur",
    "The camera moved: the digit is smeared in a random direction.",
    f"the camera moves by {20 * blur.MOTION:.0f} % of the picture's side at 0.2, by"
    f" {50 * blur.MOTION:.0f} % at 0.5",
    FIVE_LEVELS,
    blur.motion_blur,
)
SHEAR = PixelNoise(
    "shear",
    "Shear",
    "The digit leans to the left or to the right.",
    f"the digit leans by {math.degrees(math.atan(0.2 * warps.LEAN)):.0f}° at 0.2, by"
    f" {math.degrees(math.atan(0.5 * warps.LEAN)):.0f}° at 0.5",
    FIVE_LEVELS,
    warps.shear,
)
SCALE = PixelNoise(
    "scale",
    "Scale",
    "The digit is written smaller, in the middle of the picture.",
    f"width and height shrink by {20 * warps.SHRINKING:.0f} % at 0.2, by"
    f" {50 * warps.SHRINKING:.0f} % at 0.5",
    FIVE_LEVELS,
    warps.scale,
)
ROTATE = PixelNoise(
    "rotate",
    "Rotation",
    "The digit is turned to the left or to the right.",
    f"the digit turns by {0.2 * warps.DEGREES:g}° at 0.2, by {0.5 * warps.DEGREES:g}° at 0.5",
    FIVE_LEVELS,
    warps.rotate,
)
BRIGHTNESS = PixelNoise(
    "brightness",
    "Brightness",
    "The same amount of light is added everywhere, like glare: black turns grey, grey white.",
    f"each pixel gains {0.2 * sensor.BRIGHTEST:.2g} at 0.2, {0.5 * sensor.BRIGHTEST:.2g} at 0.5"
    " (black is 0, white is 1)",
    FIVE_LEVELS,
    sensor.brightness,
)
TRANSLATE = PixelNoise(
    "translate",
    "Translation",
    "The digit moves in a random direction, at high levels partly out of the picture.",
    f"the digit moves by about {20 * warps.WAY:.0f} % of the picture's side at 0.2, by about"
    f" {50 * warps.WAY:.0f} % at 0.5",
    FIVE_LEVELS,
    warps.translate,
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
    f"the densest fog hides {20 * sensor.DENSEST:.0f} % of the contrast at 0.2,"
    f" {50 * sensor.DENSEST:.0f} % at 0.5",
    FIVE_LEVELS,
    sensor.fog,
)
SPATTER = PixelNoise(
    "spatter",
    "Spatter",
    "White drops of many shapes fall on the picture.",
    f"drops cover {20 * overlays.SPATTER:.0f} % of the picture at 0.2,"
    f" {50 * overlays.SPATTER:.0f} % at 0.5",
    FIVE_LEVELS,
    overlays.spatter,
)
DOTTED_LINE = PixelNoise(
    "dotted-line",
    "Dotted lines",
    "Dotted lines run across the picture, each straight from one side to the other.",
    f"{0.2 * overlays.LINES:.0f} lines at 0.2, {0.5 * overlays.LINES:.0f} at 0.5",
    FIVE_LEVELS,
    overlays.dotted_line,
)
ZIGZAG = PixelNoise(
    "zigzag",
    "Zigzag",
    "A zigzag line runs across the picture from one side to the other.",
    f"the zigzag is as high as {20 * overlays.SWING:.0f} % of the picture at 0.2,"
    f" {50 * overlays.SWING:.0f} % at 0.5",
    FIVE_LEVELS,
    overlays.zigzag,
)
EDGES = PixelNoise(
    "edges",
    "Edges",
    "The digit fades until only its outlines remain (found by Canny's method).",
    "40 % outlines at 0.2, nothing but outlines at 0.5",
    FIVE_LEVELS,
    blur.edges,
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
