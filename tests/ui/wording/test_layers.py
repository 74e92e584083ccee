import numpy as np
import pytest

from core.explain.forward import Column
from ui.wording.layers import column_title, layer_does, layer_title, shape_words

NONE = np.zeros(3, np.float32)


@pytest.mark.parametrize(
    ("column", "title"),
    [
        (Column("input", NONE), "Input"),
        (Column("hidden", NONE, 2), "Hidden layer 2"),
        (Column("scores", NONE), "Scores"),
    ],
)
def test_columns_have_titles(column, title):
    assert column_title(column) == title


def test_unknown_layers_keep_their_name():
    assert layer_title("MaxPooling2D") == "Max-pooling"
    assert layer_title("Spectral") == "Spectral"
    assert layer_does("Spectral") == ""


def test_shapes_are_told_by_what_they_hold():
    assert shape_words((26, 26, 32)) == "26×26, 32 maps"
    assert shape_words((26, 26, 1)) == "26×26, 1 map"
    assert shape_words((64,)) == "64 units"
    assert shape_words((6, 8)) == "6 steps, 8 units"
    assert shape_words((2, 3, 4, 5)) == "2×3×4×5"
