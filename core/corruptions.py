"""What can happen to the picture of a digit, after the list of MNIST-C.

MNIST-C is a public test of how well networks read spoilt digits. What happens is the same here;
how it is done, and how strong each level is, was chosen anew: a network that has not learned of
it fails more and more, and at 0.5 a person still reads most digits.

Source of the list: N. Mu, J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision"
(2019).
"""

from __future__ import annotations

from core import blur, light, marks, warps
from core.noise import PixelNoise

FIVE_LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)

SHOT = PixelNoise(
    "shot",
    "Shot noise",
    "x",
    "x",
    FIVE_LEVELS,
    light.shot,
)
IMPULSE = PixelNoise("impulse", "Impulse noise", "", "", FIVE_LEVELS, light.impulse)
GLASS_BLUR = PixelNoise("glass-blur", "Glass blur", "", "", FIVE_LEVELS, blur.glass_blur)
MOTION_BLUR = PixelNoise("motion-blur", "Motion blur", "", "", FIVE_LEVELS, blur.motion_blur)
SHEAR = PixelNoise("shear", "Shear", "", "", FIVE_LEVELS, warps.shear)
SCALE = PixelNoise("scale", "Scale", "", "", FIVE_LEVELS, warps.scale)
ROTATE = PixelNoise("rotate", "Rotate", "", "", FIVE_LEVELS, warps.rotate)
BRIGHTNESS = PixelNoise("brightness", "Brightness", "", "", FIVE_LEVELS, light.brightness)
TRANSLATE = PixelNoise("translate", "Translate", "", "", FIVE_LEVELS, warps.translate)
STRIPE = PixelNoise("stripe", "Stripe", "", "", FIVE_LEVELS, marks.stripe)
FOG = PixelNoise("fog", "Fog", "", "", FIVE_LEVELS, light.fog)
SPATTER = PixelNoise("spatter", "Spatter", "", "", FIVE_LEVELS, marks.spatter)
DOTTED_LINE = PixelNoise("dotted-line", "Dotted line", "", "", FIVE_LEVELS, marks.dotted_line)
ZIGZAG = PixelNoise("zigzag", "Zigzag", "", "", FIVE_LEVELS, marks.zigzag)
EDGES = PixelNoise("edges", "Edges", "", "", FIVE_LEVELS, blur.edges)

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
