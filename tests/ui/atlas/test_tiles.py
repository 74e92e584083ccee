import itertools

import pytest

from core.segments.atlas import Entry
from core.segments.patterns import DIGIT_PATTERNS
from ui.atlas.tiles import DIGIT_COLORS, LOOKS, ORDERS, atlas_tiles, describe

SURE = Entry("1111111", answer=8, confidence=0.999, best=(8,), probability=0.04)
WRONG = Entry("1110011", answer=9, confidence=0.55, best=(5, 7), probability=0.02)
NEVER = Entry("0000000", answer=1, confidence=0.1, best=(), probability=0)
ALL = (NEVER, WRONG, SURE)


def captions(look, order="number"):
    return [tile.caption for tile in atlas_tiles(ALL, look=look, order=order)]


def test_the_digit_is_written_under_every_tile_whatever_the_colour_tells():
    assert captions("answer") == ["1", "9", "8"]
    assert captions("confidence") == ["1 · 10 %", "9 · 55 %", "8 · >99 %"]
    assert captions("difference") == ["(1)", "9 not 5/7", "8"]


def test_colours():
    assert len(set(DIGIT_COLORS)) == 10
    assert [tile.color for tile in atlas_tiles(ALL, look="answer", order="number")] == [
        DIGIT_COLORS[digit] for digit in (1, 9, 8)
    ]
    faded = [tile.faded for tile in atlas_tiles(ALL, look="confidence", order="number")]
    assert faded == sorted(faded, reverse=True)
    colors = [tile.color for tile in atlas_tiles(ALL, look="difference", order="number")]
    assert len(set(colors)) == 3


def test_orders_and_headings():
    tiles = atlas_tiles(ALL, look="answer", order="answer")
    assert [tile.group for tile in tiles] == ["1: 1 pattern", "8: 1 pattern", "9: 1 pattern"]
    tiles = atlas_tiles(ALL, look="answer", order="probability")
    assert [tile.pattern for tile in tiles] == ["1111111", "1110011", "0000000"]
    assert [tile.group for tile in tiles] == [
        "",
        "",
        "Cannot arise under this noise: 1 pattern",
    ]


def test_the_ten_digits_are_framed():
    assert [tile.framed for tile in atlas_tiles(ALL, look="answer", order="number")] == [
        tile.pattern in DIGIT_PATTERNS for tile in ALL
    ]


def test_a_tile_says_all_in_words():
    assert describe(SURE) == (
        "a b c d e f g lit, the digit 8: the network answers 8, 99.9 % confident; best possible"
        " answer 8; 4.00 % of all displays show it under this noise"
    )
    assert "best possible answer 5 or 7" in describe(WRONG)
    assert describe(NEVER) == (
        "nothing lit: the network answers 1, 10.0 % confident; cannot arise under this noise"
    )


@pytest.mark.parametrize(("look", "order"), list(itertools.product(LOOKS, ORDERS)))
def test_no_tiles_make_no_tiles(look, order):
    assert atlas_tiles((), look=look, order=order) == []
