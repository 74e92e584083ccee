"""Test examples to look at, each with its label, the answer and its confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.evaluation.evaluation import Evaluation
from core.segments.patterns import to_pattern
from core.tasks.base import Task
from ui.components.picture_gallery import Picture, picture_gallery
from ui.components.segment_gallery import Tile, segment_gallery
from ui.widgets.prediction import confidence_words
from ui.wording.articles import article
from ui.wording.nouns import plural

PER_PAGE = 24
INSIDE = "pages/inside.py"


@dataclass(frozen=True, eq=False)
class Album:
    """The examples of one test part, and the answers of one or two networks.

    Args:
        task: the task.
        shown: uint8, the pictures (n, height, width) or the patterns (n, 7).
        evaluations: the answers, by the names of the networks.
        inside: URL parameters that open these examples on the Inside page, without the number of
            the example.
    """

    task: Task
    shown: NDArray[np.uint8]
    evaluations: Mapping[str, Evaluation]
    inside: Mapping[str, str]

    @property
    def things(self) -> str:
        """The word for the examples, in the plural."""
        return plural(self.task.example)

    def captions(self, alike: Sequence[int]) -> tuple[str, ...]:
        """Returns the lines under a tile: the label, the answer and its confidence.

        Args:
            alike: the examples that the tile stands for; to the networks they are equal.
        """
        names = self.task.classes
        first, index = next(iter(self.evaluations.values())), alike[0]
        labels = sorted({int(first.y[each]) for each in alike})
        label = names[labels[0]] if len(labels) == 1 else "several"
        if len(self.evaluations) > 1:
            each = (
                f"{letter}: {names[one.answers[index]]}, {_confidence(one, index)}"
                for letter, one in zip("AB", self.evaluations.values(), strict=True)
            )
            return (f"is {label}", *each)
        answer = names[first.answers[index]]
        return (label if label == answer else f"{label} → {answer}", _confidence(first, index))

    def label(self, alike: Sequence[int]) -> str:
        """Returns the same in a sentence, for screen readers and the hover text."""
        names = self.task.classes
        first, index = next(iter(self.evaluations.values())), alike[0]
        counts = Counter(int(first.y[each]) for each in alike)
        labels = [
            article(names[label]) + (f" ({_times(count)})" if len(alike) > 1 else "")
            for label, count in sorted(counts.items())
        ]
        each = (
            f"{name} says {names[one.answers[index]]}, {_confidence(one, index)} confident"
            for name, one in self.evaluations.items()
        )
        words = f"{', '.join(labels)}; {'; '.join(each)}"
        return words[0].upper() + words[1:]


def _confidence(evaluation: Evaluation, index: int) -> str:
    """Returns a confidence that a narrow tile cannot break into two lines."""
    words = confidence_words(float(evaluation.confidence[index]))
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def show_examples(
    album: Album,
    indices: NDArray[np.int64],
    *,
    key: str,
    label: str,
    per_page: int = PER_PAGE,
) -> None:
    """Shows examples page by page; a click on one opens it on the Inside page.

    Args:
        album: all examples.
        indices: int64, the examples to show, in this order; may be empty.
        key: unique on the page for these examples; with another key, paging restarts at page 1.
        label: the gallery's name for screen readers.
        per_page: how many are shown at once. Defaults to 24.
    """
    if len(indices) == 0:
        st.caption("There are none.")
        return
    if album.task.channel is None:
        _show_pictures(album, indices, key=key, label=label, per_page=per_page)
    else:
        _show_patterns(album, indices, key=key, label=label, per_page=per_page)


def _show_pictures(
    album: Album, indices: NDArray[np.int64], *, key: str, label: str, per_page: int
) -> None:
    place, start = _page(len(indices), key=key, things=album.things, per_page=per_page)
    pictures = [
        Picture(
            str(index),
            album.shown[index],
            album.label([index]),
            album.captions([index]),
            wrong=not all(one.right[index] for one in album.evaluations.values()),
        )
        for index in indices[start : start + per_page].tolist()
    ]
    with place:
        opened = picture_gallery(pictures, key=f"{key}_gallery", on_open=True, label=label)
    if opened is not None:
        st.switch_page(INSIDE, query_params={**album.inside, "test": opened})


def _show_patterns(
    album: Album, indices: NDArray[np.int64], *, key: str, label: str, per_page: int
) -> None:
    """Shows each pattern once: thousands of examples share a few patterns."""
    found: dict[str, list[int]] = {}
    for index in indices.tolist():
        found.setdefault(to_pattern(album.shown[index].astype(np.float32)), []).append(index)
    groups = list(found.items())
    place, start = _page(len(groups), key=key, things="different patterns", per_page=per_page)
    tiles = [
        Tile(pattern, album.label(alike), "\n".join((*album.captions(alike), _times(len(alike)))))
        for pattern, alike in groups[start : start + per_page]
    ]
    with place:
        opened = segment_gallery(tiles, key=f"{key}_gallery", on_open=True, label=label)
    if opened is not None:
        model = {"model": album.inside["model"]}
        st.switch_page(INSIDE, query_params={**model, "pattern": opened})


def _page(count: int, *, key: str, things: str, per_page: int) -> tuple[Any, int]:
    """Shows the page numbers, if there are several pages; returns a place above and the start."""
    place = st.container()
    pages = -(-count // per_page)
    if pages == 1:
        return place, 0
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        # Kept for the session: a person who comes back from the Inside page finds the same page.
        page = int(st.pagination(pages, key=f"{key}_page", persist_state="session"))
    start = per_page * (page - 1)
    right.caption(f"{start + 1:,} to {min(count, start + per_page):,} of {count:,} {things}")
    return place, start
