"""Many small seven-segment displays side by side; a click can open one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import InvalidInput
from core.segments.patterns import SEGMENTS, parse_pattern
from ui.components.gallery import gallery_component, opened

_mount = gallery_component("segment_gallery", "segment_shapes.js")
# A colour goes into a style, so it must not end a declaration or a block.
_COLOR = re.compile(r"[\w#%.,()/\[\] -]*")


@dataclass(frozen=True)
class Tile:
    """One display of a gallery.

    Args:
        pattern: which segments are lit: seven characters of 0 and 1.
        label: what a screen reader says and the tooltip shows, as plain text.
        caption: small text under it, in one or more lines. Defaults to none.
        color: CSS colour of the lit segments; it may be one from a theme's list, such as
            "var(--st-chart-categorical-colors)[2]". Defaults to that of the display.
        faded: how far the colour's tint of the tile fades away, 0..1. Defaults to 0.
        values: seven numbers in -1..1. They colour every segment on a scale from negative to
            positive, and lit ones keep a thick outline. Defaults to none.
        texts: seven short texts, shown beside the segments of large tiles and in each segment's
            tooltip, and said by screen readers. Defaults to none.
        framed: whether it has a frame. Defaults to False.
        group: heading above this tile and those that follow, up to the next heading. Defaults to
            none.

    Raises:
        InvalidInput: if a field has the wrong form or length, or is out of range.
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
    """Shows displays side by side, as many in a row as fit.

    Args:
        tiles: the displays, in this order.
        key: the component's key in the session.
        size: "small" for many at once, "large" for a close look. Defaults to "small".
        on_open: whether a tile is a button. Defaults to False.
        label: what a screen reader calls them all. Defaults to "Displays".

    Returns:
        The pattern of a tile just opened, in one run only; else None.
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
    """Returns only the fields of a tile that are set, because one message may hold 128 tiles."""
    content = {name: value for name, value in vars(tile).items() if value}
    if tile.values:
        content["values"] = [round(value, 4) for value in tile.values]
    return content
