"""What can happen to the picture of a digit, after the list of MNIST-C.

MNIST-C is a public test of how well networks read corrupted digits. What happens is the same here;
how it is done, and how strong each level is, was chosen anew: a network that has not learned of
it fails more and more, and at 0.5 a person still reads most digits.

Source of the list: N. Mu, J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision"
(2019).
"""

from __future__ import annotations

from core.noise import blur, overlays, sensor, warps
from core.noise.base import PixelNoise

FIVE_LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)

SHOT = PixelNoise(
    "shot",
    "Shot noise",
    "Light comes in single grains (photons): the fewer there are, the more the digit flickers.",
    f"a white pixel sends {sensor.GRAINS:g} ÷ level² grains of light on average",
    FIVE_LEVELS,
    sensor.shot,
)
IMPULSE = PixelNoise(
    "impulse",
    "Impulse noise",
    "Single pixels take on any brightness whatever, as by a faulty wire.",
    "probability per pixel",
    FIVE_LEVELS,
    sensor.impulse,
)
GLASS_BLUR = PixelNoise(
    "glass-blur",
    "Glass blur",
    "The digit is seen through frosted glass: each pixel shows a place somewhere near it.",
    f"pixels come from up to {blur.GLASS:g} × level × the side away, across and down",
    FIVE_LEVELS,
    blur.glass_blur,
)
MOTION_BLUR = PixelNoise(
    "motion-blur",
    "Motion blur",
    "The hand that held the camera moved: the digit is smeared in some direction.",
    f"the hand moved by {blur.MOTION:g} × level × the side",
    FIVE_LEVELS,
    blur.motion_blur,
)
SHEAR = PixelNoise(
    "shear",
    "Shear",
    "The digit leans to the left or to the right.",
    f"the lean's tangent is {warps.LEAN:g} × level: 45 degrees at 0.5",
    FIVE_LEVELS,
    warps.shear,
)
SCALE = PixelNoise(
    "scale",
    "Scale",
    "The digit is written smaller, in the middle of the picture.",
    f"width and height lose {warps.SHRINKING:.0%} × level",
    FIVE_LEVELS,
    warps.scale,
)
ROTATE = PixelNoise(
    "rotate",
    "Rotation",
    "The digit is turned to the left or to the right.",
    f"the angle is {warps.DEGREES:g} degrees × level",
    FIVE_LEVELS,
    warps.rotate,
)
BRIGHTNESS = PixelNoise(
    "brightness",
    "Brightness",
    "The same light is added everywhere, as by glare: black turns grey, grey turns white.",
    f"{sensor.BRIGHTEST:g} × level is added (pixels run from 0 to 1)",
    FIVE_LEVELS,
    sensor.brightness,
)
TRANSLATE = PixelNoise(
    "translate",
    "Translation",
    "The digit is moved in some direction, partly out of the picture when it goes far.",
    f"the digit moves by {warps.WAY:g} × level × the side, to the nearest whole pixels",
    FIVE_LEVELS,
    warps.translate,
)
STRIPE = PixelNoise(
    "stripe",
    "Stripe",
    "In a band across the picture light and dark are exchanged.",
    "height of the band, as a share of the picture's, in whole rows",
    FIVE_LEVELS,
    overlays.stripe,
)
FOG = PixelNoise(
    "fog",
    "Fog",
    "White fog lies over the picture, thinner here and denser there.",
    f"the densest fog hides {sensor.DENSEST:.0%} × level of what is behind it",
    FIVE_LEVELS,
    sensor.fog,
)
SPATTER = PixelNoise(
    "spatter",
    "Spatter",
    "White drops of all shapes have fallen on the picture.",
    f"drops cover {overlays.SPATTER:.0%} × level of the picture",
    FIVE_LEVELS,
    overlays.spatter,
)
DOTTED_LINE = PixelNoise(
    "dotted-line",
    "Dotted lines",
    "Dotted lines run across the picture, each straight from one side to the other.",
    f"number of lines: {overlays.LINES} × level, rounded, and at least one",
    FIVE_LEVELS,
    overlays.dotted_line,
)
ZIGZAG = PixelNoise(
    "zigzag",
    "Zigzag",
    "A zigzag line runs across the picture from one side to the other.",
    f"the zigzag is {overlays.SWING:.0%} × level of the side high",
    FIVE_LEVELS,
    overlays.zigzag,
)
EDGES = PixelNoise(
    "edges",
    "Edges",
    "The digit fades, and only its outlines stay (found by Canny's method).",
    "share of the outlines is 2 × level: nothing else is left at 0.5",
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
