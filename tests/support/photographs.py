"""Made photographs: digits on paper, degraded step by step as a camera, a lamp and a table do.

Everything is drawn from numbers, so that a test knows the digit that is in the picture and can
degrade one thing at a time.
"""

from dataclasses import dataclass

import cv2
import numpy as np

# Every digit as paths of a pen in a box of 1 by 1, x to the right and y downwards.
STROKES = {
    0: [[(0.5, 0), (0.2, 0.15), (0.12, 0.5), (0.2, 0.85), (0.5, 1), (0.78, 0.85), (0.86, 0.5),
         (0.78, 0.15), (0.5, 0)]],
    1: [[(0.32, 0.2), (0.52, 0), (0.5, 1)]],
    2: [[(0.15, 0.22), (0.3, 0.04), (0.6, 0), (0.82, 0.18), (0.72, 0.45), (0.12, 1), (0.9, 0.98)]],
    3: [[(0.15, 0.1), (0.45, 0), (0.78, 0.1), (0.75, 0.36), (0.42, 0.48), (0.78, 0.58),
         (0.82, 0.85), (0.48, 1), (0.12, 0.9)]],
    4: [[(0.4, 0), (0.1, 0.62), (0.92, 0.6)], [(0.68, 0.3), (0.66, 1)]],
    5: [[(0.85, 0), (0.25, 0.02), (0.2, 0.42), (0.55, 0.38), (0.84, 0.62), (0.72, 0.92),
         (0.4, 1), (0.12, 0.9)]],
    6: [[(0.7, 0), (0.35, 0.25), (0.16, 0.62), (0.25, 0.94), (0.55, 1), (0.8, 0.84), (0.7, 0.58),
         (0.4, 0.55), (0.2, 0.72)]],
    7: [[(0.1, 0.05), (0.88, 0.02), (0.55, 0.5), (0.4, 1)]],
    8: [[(0.75, 0.14), (0.5, 0), (0.25, 0.15), (0.36, 0.4), (0.74, 0.64), (0.76, 0.88), (0.5, 1),
         (0.24, 0.88), (0.28, 0.62), (0.64, 0.42), (0.75, 0.14)]],
    9: [[(0.78, 0.2), (0.52, 0), (0.24, 0.12), (0.24, 0.38), (0.5, 0.5), (0.76, 0.34), (0.78, 0.2),
         (0.74, 0.6), (0.62, 1)]],
}  # fmt: skip
WHITE = (0.93, 0.92, 0.89)
BLACK_PEN = (0.12, 0.12, 0.13)


@dataclass(frozen=True)
class Scene:
    """What surrounds the digit and what the camera does to it.

    Args:
        paper, pen: red, green and blue in 0..1.
        opacity: how much of the paper the pen covers; a pencil lets it through.
        texture: standard deviation of the paper's own shade.
        gradient: share of the light that is lost towards one corner.
        shadow: share of the light that a shadow's edge across the picture takes; 0 for none.
        softness: of that edge, in pixels.
        rule: "" for plain paper, "lines" or "squares".
        rule_colour: of the lines.
        spacing, rule_width: of the lines, in pixels.
        turn: of the sheet against the camera, in degrees.
        tilt: how much smaller the sheet's far side is, as a share.
        table: share of each side of the picture that the table takes; 0 for none.
        finger: whether a fingertip reaches into the picture.
        blur: standard deviation of the lens' blur, in pixels.
        grain: standard deviation of the sensor's noise.
        quality: of the JPEG file; 0 for no such file.
    """

    paper: tuple[float, float, float] = WHITE
    pen: tuple[float, float, float] = BLACK_PEN
    opacity: float = 0.95
    texture: float = 0.0
    gradient: float = 0.0
    shadow: float = 0.0
    softness: float = 2.0
    rule: str = ""
    rule_colour: tuple[float, float, float] = (0.55, 0.66, 0.85)
    spacing: float = 60
    rule_width: float = 3
    turn: float = 0.0
    tilt: float = 0.0
    table: float = 0.0
    finger: bool = False
    blur: float = 0.0
    grain: float = 0.0
    quality: int = 0


def written(digit, *, size=(720, 960), height=0.5, centre=(0.5, 0.5), width=10):
    """The ink of a digit on a sheet: float32, shape `size`, 0..1."""
    return drawn(STROKES[digit], size=size, height=height, centre=centre, width=width)


def drawn(strokes, *, size=(720, 960), height=0.5, centre=(0.5, 0.5), width=10):
    """The ink of any strokes given in a box of 1 by 1, x from 0 to 1."""
    sheet = np.zeros(size, np.uint8)
    scale = height * size[0]
    middle = np.array(centre) * (size[1], size[0])
    for stroke in strokes:
        points = (np.asarray(stroke, float) - 0.5) * scale + middle
        fixed = np.round(points * 16).astype(np.int32)
        cv2.polylines(sheet, [fixed], False, 255, round(width), cv2.LINE_AA, 4)
    return sheet.astype(np.float32) / 255


def photograph(ink, scene, *, random_state=0):
    """Takes a picture of ink on paper.

    Args:
        ink: float32, shape (height, width), 0..1.
        scene: what happens to it.
        random_state: seed of the generator.

    Returns:
        uint8, shape (height, width, 4), RGBA as a decoded JPEG file.
    """
    generator = np.random.default_rng(random_state)
    sheet = np.ones((*ink.shape, 3), np.float32) * np.float32(scene.paper)
    if scene.texture:
        fibres = _rough(generator, ink.shape, 1.2) + _rough(generator, ink.shape, 6)
        sheet *= 1 + scene.texture * fibres[..., np.newaxis]
    sheet = _mix(sheet, scene.rule_colour, _ruled(ink.shape, scene, generator))
    sheet = _mix(sheet, scene.pen, ink * scene.opacity)
    light = sheet * _light(ink.shape, scene, generator)[..., np.newaxis]
    light = _seen_aslant(light, scene, generator)
    if scene.finger:
        light = _finger(light, generator)
    if scene.blur:
        light = cv2.GaussianBlur(light, (0, 0), scene.blur)
    if scene.grain:
        light = light + scene.grain * generator.standard_normal(light.shape, dtype=np.float32)
    picture = np.round(np.clip(light, 0, 1) * 255).astype(np.uint8)
    if scene.quality:
        options = [cv2.IMWRITE_JPEG_QUALITY, scene.quality]
        file = cv2.imencode(".jpg", picture[..., ::-1], options)[1]
        picture = cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1]
    return np.dstack([picture, np.full(ink.shape, 255, np.uint8)])


def _mix(sheet, colour, share):
    share = share[..., np.newaxis]
    return sheet * (1 - share) + np.float32(colour) * share


def _rough(generator, shape, scale):
    noise = cv2.GaussianBlur(generator.standard_normal(shape, dtype=np.float32), (0, 0), scale)
    return noise / noise.std()


def _ruled(shape, scene, generator):
    """Share of each pixel that a printed line covers."""
    cover = np.zeros(shape, np.float32)
    sides = {"": (), "lines": (0,), "squares": (0, 1)}[scene.rule]
    for axis in sides:
        along = np.arange(shape[axis]) - generator.uniform(0, scene.spacing)
        distance = np.abs((along + scene.spacing / 2) % scene.spacing - scene.spacing / 2)
        line = np.clip(scene.rule_width / 2 + 0.5 - distance, 0, 1).astype(np.float32)
        cover = np.maximum(cover, line[:, np.newaxis] if axis == 0 else line)
    return 0.9 * cover


def _light(shape, scene, generator):
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    angle = generator.uniform(0, 2 * np.pi)
    across = rows * np.sin(angle) + columns * np.cos(angle)
    light = 1 - scene.gradient * (across + 1.42) / 2.84
    if scene.shadow:
        angle = generator.uniform(0, 2 * np.pi)
        edge = rows * np.sin(angle) + columns * np.cos(angle) + generator.uniform(-0.3, 0.3)
        dark = 1 / (1 + np.exp(-np.clip(edge * max(shape) / 2 / scene.softness, -30, 30)))
        light = light * (1 - scene.shadow * dark)
    return light.astype(np.float32)


def _seen_aslant(light, scene, generator):
    """The sheet turned and tilted on a table of dark wood."""
    if not (scene.turn or scene.tilt or scene.table):
        return light
    height, width = light.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    middle = np.array([width, height]) / 2
    inward = 1 - 2 * scene.table if scene.table else 1.12  # without a table the paper goes on
    turn = np.deg2rad(scene.turn)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    seen = (corners - middle) @ matrix * inward + middle
    far = np.array([1 - scene.tilt, 1 - scene.tilt, 1, 1])
    seen[:, 0] = (seen[:, 0] - middle[0]) * far + middle[0]
    view = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    inside = cv2.warpPerspective(light, view, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    if not scene.table:
        return inside
    cover = cv2.warpPerspective(np.ones((height, width), np.float32), view, (width, height))
    wood = np.float32((0.33, 0.22, 0.14)) * (
        1 + 0.1 * _rough(generator, (height, width), 4)[..., np.newaxis]
    )
    cover = cover[..., np.newaxis]
    return (inside * cover + wood * (1 - cover)).astype(np.float32)


def _finger(light, generator):
    height, width = light.shape[:2]
    cover = np.zeros((height, width), np.float32)
    at = generator.uniform(0.1, 0.9) * width
    size = (int(0.05 * width), int(0.12 * height))
    cv2.ellipse(cover, (int(at), height), size, 0, 0, 360, 1, -1, cv2.LINE_AA)
    cast = cv2.GaussianBlur(np.roll(cover, (-8, 14), (0, 1)), (0, 0), 6)
    light = light * (1 - 0.45 * cast[..., np.newaxis])
    return _mix(light, (0.72, 0.5, 0.4), cover)
