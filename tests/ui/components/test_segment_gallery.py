"""What Python sends of a gallery, what it takes back, and the shared text of the components."""

import json

import pytest

from core.errors import InvalidInput
from tests.support.app_test import app_from_function
from ui.components.gallery import opened
from ui.components.segment_gallery import Tile
from ui.components.source import source


@pytest.mark.parametrize(
    "wrong",
    [
        {"pattern": "111"},
        {"values": (0.5,)},
        {"values": (0.0,) * 6 + (1.5,)},
        {"values": (0.0,) * 6 + (float("nan"),)},
        {"texts": ("a",) * 8},
        {"faded": 1.5},
        {"faded": float("nan")},
        {"color": "red; background: url(http://elsewhere)"},
    ],
)
def test_a_wrong_tile_is_refused(wrong):
    with pytest.raises(InvalidInput):
        Tile(**{"pattern": "1111111", "label": "an 8", **wrong})


@pytest.mark.parametrize(
    "color",
    [
        "",
        "#c8500a",
        "light-dark(#111, #eee)",
        "var(--st-chart-categorical-colors)[2]",
        "rgb(1 2 3)",
    ],
)
def test_css_colours_are_taken(color):
    assert Tile("1111111", "an 8", color=color).color == color


def app(opens: bool) -> None:
    import streamlit as st

    from ui.components.segment_gallery import Tile, segment_gallery

    values = (0.5, -0.25, 1.0, -1.0, 0.0, 0.123456, 0.0)
    tiles = [Tile("1111111", "an 8", caption="8"), Tile("0110000", "a 1", values=values)]
    st.text(segment_gallery(tiles, key="gallery", size="large", on_open=opens, label="Two"))


@pytest.mark.parametrize("opens", [True, False])
def test_only_what_is_set_of_a_tile_is_sent(opens):
    at = app_from_function(app, opens=opens).run()
    assert not at.exception
    assert at.text[0].value == "None"
    assert json.loads(at.get("bidi_component")[0].proto.json) == {
        "size": "large",
        "opens": opens,
        "label": "Two",
        "tiles": [
            {"pattern": "1111111", "label": "an 8", "caption": "8"},
            {
                "pattern": "0110000",
                "label": "a 1",
                "values": [0.5, -0.25, 1.0, -1.0, 0.0, 0.1235, 0.0],
            },
        ],
    }


@pytest.mark.parametrize("sent", [None, "", "0000000", 8, ["1111111"], {"pattern": "1111111"}])
def test_what_was_not_shown_is_not_opened(sent):
    assert opened({"opened": sent}, {"1111111"}) is None


def test_what_was_shown_is_opened():
    assert opened({"opened": "1111111"}, {"1111111"}) == "1111111"
    assert opened({}, {"1111111"}) is None


def test_shared_text_comes_first_and_without_comments():
    text = source("segment_shapes.js", "segment_gallery.js")
    assert text.index("function outline") < text.index("export default")
    assert text.count("export default") == 1
    assert "\n//" not in text
    assert "\n\n" not in text
    assert not text.startswith(("//", " "))
