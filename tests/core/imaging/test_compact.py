import base64
import zlib

import numpy as np
import pytest

from core.errors import InvalidInput
from core.imaging.compact import MAX_TEXT, from_text, to_text


def picture(seed):
    return np.random.default_rng(seed).random((28, 28, 1), np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_comes_back_in_256_shades(seed):
    text = to_text(picture(seed))
    assert len(text) <= MAX_TEXT
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    back = from_text(text)
    assert (back.shape, back.dtype) == ((28, 28, 1), np.float32)
    assert np.abs(back - picture(seed)).max() <= 0.5 / 255 + 1e-6
    assert to_text(back) == text


def packed(data):
    return base64.urlsafe_b64encode(zlib.compress(data)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "nonsense!",
        "äöü",
        "abcd" * 9,
        to_text(picture(0))[:-9],
        packed(bytes(783)),
        packed(bytes(785)),
        packed(bytes(10**7)),
        "A" * (MAX_TEXT + 1),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(InvalidInput):
        from_text(text)
