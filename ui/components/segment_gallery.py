"""Many small seven-segment displays side by side: to be looked at, and opened if that is wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import InvalidInput
from core.segments.patterns import SEGMENTS, parse_pattern
from ui.components.gallery import gallery_component, opened

_mount = gallery_component("segment_gallery", "segment_shapes.js")
# A colour is put into a style, so it may end neither a declaration nor a block.
_COLOR = re.compile(r"[\w#%.,()/\[\] -]*")


@dataclass(frozen=True)
class Tile:
    """One display of a gallery.

    Args:
        pattern: which segments are lit: seven characters of 0 and 1.
        label: what a screen reader says and the mouse finds on it, as plain text.
        caption: small text under it, in one line or several. Defaults to none.
        color: CSS colour of the lit segments; it may be one of a theme's list, such as
            "var(--st-chart-categorical-colors)[2]". Defaults to that of the display.
        faded: how much the lit colour is mixed into the ground, 0..1. Defaults to not at all.
        values: seven numbers in -1..1. Every segment is then coloured on a scale from negative to
            positive, and lit ones keep a thick edge. Defaults to none.
        texts: seven short texts, written beside the segments of large tiles, and said for each
            segment by screen readers and the mouse. Defaults to none.
        framed: whether it stands out by a frame. Defaults to False.
        group: heading above this tile and those that follow it up to another. Defaults to none.

    Raises:
        InvalidInput: if something has the wrong form or number.
    """

    pattern: str
    label: str
    caption: str = ""
    color: str = ""
    faded: float = 0.0
    values: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    framed: bool = False
    group: str = ""

    def __post_init__(self) -> None:
        parse_pattern(self.pattern)
        for name, given in (("values", self.values), ("texts", self.texts)):
            if len(given) not in (0, len(SEGMENTS)):
                raise InvalidInput(f"Expected seven {name} or none. Received: {len(given)}")
        if not all(-1 <= value <= 1 for value in self.values):
            raise InvalidInput(f"Expected values in -1..1. Received: {self.values}")
        if not 0 <= self.faded <= 1:
            raise InvalidInput(f"Expected a share in 0..1. Received: faded={self.faded}")
        if not _COLOR.fullmatch(self.color):
            raise InvalidInput(f"Expected a CSS colour. Received: {self.color[:40]!r}")


def segment_gallery(
    tiles: Sequence[Tile],
    *,
    key: str,
    size: Literal["small", "large"] = "small",
    on_open: bool = False,
    label: str = "Displays",
) -> str | None:
    """Shows displays side by side, as many in a row as there is room for.

    Args:
        tiles: what is shown, in this order.
        key: the component's key in the session.
        size: "small" for many at once, "large" to be looked at closely. Defaults to "small".
        on_open: whether a tile is a button. Defaults to False.
        label: what a screen reader says of them all. Defaults to "Displays".

    Returns:
        The pattern of the tile that was just opened, in one run only; else None.
    """
    result = _mount(
        key=key,
        data={
            "tiles": tuple(_brief(tile) for tile in tiles),
            "size": size,
            "opens": on_open,
            "label": label,
        },
        on_opened_change=lambda: None,
    )
    return opened(result, {tile.pattern for tile in tiles}) if on_open else None


def _brief(tile: Tile) -> dict[str, Any]:
    """Returns what is set of a tile; 128 of them are one message."""
    content = {name: value for name, value in vars(tile).items() if value}
    if tile.values:
        content["values"] = [round(value, 4) for value in tile.values]
    return content
