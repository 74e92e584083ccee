"""The part of a run's stand-alone code that changes the pictures anew in every epoch."""

from __future__ import annotations

from core.noise.augmentation import NET
from core.training.config import TrainingConfig


def augmentation_code(config: TrainingConfig) -> str:
    """Returns the function `augment(x, generator)`, or nothing where pictures stay as they are.

    It draws the same numbers as `core.noise.augmentation`, in the same order.
    """
    if not config.augmentation.active:
        return ""
    parts = [_DRAWS.format(limits=[config.rotation, config.shift, config.shift, config.zoom])]
    parts.append(f"    inverted = generator.random(len(x)) < {config.invert!r}\n")
    if config.shear or config.stroke:
        parts.append(
            "    shear, stroke = (generator.uniform(-1, 1, (len(x), 2))"
            f" * [{config.shear!r}, {config.stroke!r}]).T.astype(np.float32)\n"
        )
    if config.elastic:
        parts.append(_NET.format(elastic=config.elastic, columns=2 * NET * NET, side=NET))
    parts.append(_PLACES)
    if not (config.rotation or config.zoom or config.shear or config.elastic):
        parts.append("    shift = np.rint(shift)  # whole pixels: the pictures stay sharp\n")
    if config.elastic:
        parts.append(_BENDING.format(side=NET))
    if config.stroke:
        parts.append("    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))\n")
    parts.append(_EACH)
    if config.shear:
        parts.append("        turn[:, 1] -= turn[:, 0] * float(shear[index])\n")
    parts.append("        move = centre - turn @ centre + shift[index]\n")
    parts.append(_REMAPPED if config.elastic else _WARPED)
    if config.stroke:
        parts.append(_STROKES)
    parts.append("    changed[inverted] = 1 - changed[inverted]\n    return changed\n")
    return "".join(parts)


_DRAWS = '''
def augment(x, generator):
    """Changes every picture by chance."""
    height, width = x.shape[1:3]
    # For each picture: degrees, shift across, shift down (shares of the side), zoom.
    draws = generator.uniform(-1, 1, (len(x), 4)) * {limits!r}
'''
_NET = """    # How far each node of a net over the picture moves: the picture bends with it.
    nodes = {elastic!r} * generator.standard_normal((len(x), {columns}))
    nodes = nodes.astype(np.float32).reshape(-1, 2, {side}, {side})
"""
_PLACES = """    degrees, across, down = draws[:, :3].T.astype(np.float32).astype(np.float64)
    scale = (1 + draws[:, 3]).astype(np.float32).astype(np.float64)
    cosine = scale * np.cos(np.radians(degrees))
    sine = scale * np.sin(np.radians(degrees))
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    shift = np.stack([across * width, down * height], 1)
"""
_BENDING = """    unit = np.eye({side}, dtype=np.float32)
    rows = cv2.resize(unit, ({side}, height), interpolation=cv2.INTER_CUBIC)
    columns = cv2.resize(unit, ({side}, width), interpolation=cv2.INTER_CUBIC)
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1)
    grid = grid.reshape(-1, 2).astype(np.float32)
    size = np.array([width, height], np.float32).reshape(2, 1, 1)
"""
_EACH = """    changed = np.empty_like(x)
    for index in range(len(x)):
        turn = np.array([[cosine[index], sine[index]], [-sine[index], cosine[index]]])
"""
_WARPED = """        matrix = np.concatenate([turn, move[:, np.newaxis]], axis=1)
        cv2.warpAffine(x[index], matrix, (width, height), dst=changed[index])
"""
_REMAPPED = """        bent = (rows @ nodes[index] @ columns.T * size).transpose(1, 2, 0)
        places = ((grid - move) @ np.linalg.inv(turn).T).reshape(height, width, 2) + bent
        places = np.ascontiguousarray(places, np.float32)
        cv2.remap(x[index], places, None, cv2.INTER_LINEAR, dst=changed[index])
"""
_STROKES = """        # Lines become thicker or thinner.
        shape = cv2.dilate if stroke[index] > 0 else cv2.erode
        other = shape(changed[index], cross)[..., np.newaxis]
        changed[index] += abs(stroke[index]) * (other - changed[index])
"""
