import numpy as np
import pytest

from core.errors import NothingDrawn
from core.ink import crop, find_ink, fit, place, thicken
from core.photograph import clean
from tests.core.made_photographs import Scene, photograph, written

CAMERA = {"blur": 0.8, "grain": 0.015, "quality": 85, "texture": 0.01}


def as_input(ink):
    return place(fit(thicken(crop(ink))))


def difference(scene, digit=4):
    """Mean difference between the inputs made from a photograph and from the ink itself."""
    ink = written(digit)
    cleaned = as_input(clean(photograph(ink, scene, random_state=digit)))
    return float(np.abs(cleaned - as_input(find_ink(ink, background=0))).mean())


def test_a_photograph_reads_like_the_drawing():
    assert difference(Scene(gradient=0.5, shadow=0.4, **CAMERA)) < 0.03


def test_an_empty_sheet_is_nothing_drawn():
    empty = np.zeros((480, 640), np.float32)
    with pytest.raises(NothingDrawn):
        clean(photograph(empty, Scene(gradient=0.5, shadow=0.4, **CAMERA)))
