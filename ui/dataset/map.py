"""Maps of the examples: similar ones lie together, and each point shows its picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets.summary import SEED, Points, nearest
from core.jobs.dataset import MIN_POINTS, TSNE_STEPS
from core.metrics.accuracy import percent
from core.segments.channels import Channel
from core.segments.pattern_map import PatternMap, lit_shares, pattern_map
from core.segments.patterns import ALL_PATTERNS, CLEAN, SEGMENTS, to_pattern
from core.tasks.base import DataSource, Task
from ui.components.plot import plot
from ui.dataset.figures import class_words, clicked_place, map_figure, png_url
from ui.figures.heat_map import heat_map
from ui.services import datasets
from ui.session.settings import Setting
from ui.session.state import Key
from ui.widgets.job_progress import follow_job, progress_words
from ui.widgets.links import START, target
from ui.widgets.tiles import show_tiles
from ui.wording.articles import article

INSIDE = "pages/inside.py"
NEIGHBOURS = 6
HEIGHT = 560
METHODS = {"pca": "PCA", "tsne": "t-SNE"}
_METHOD: Setting[str] = Setting("dataset_map_method", lambda: "pca")


@st.fragment
def show_map(task: Task, source: DataSource, points: Points) -> None:
    """Shows a map of test examples, by PCA at once or by t-SNE."""
    st.subheader("A map of the examples")
    st.markdown(
        f"Each point is one of {len(points.labels):,} randomly chosen test examples"
        f" ({points.part}). Point at one, tap it or enter its number to see its picture. Click a"
        " class in the legend to hide it."
    )
    if len(points.labels) < 3:
        st.info("There are too few examples for a map.")
        return
    method = "pca"
    if len(points.labels) >= MIN_POINTS:
        st.segmented_control(
            "Method",
            list(METHODS),
            format_func=METHODS.__getitem__,
            required=True,
            **_METHOD.widget,
        )
        method = _METHOD.get()
    if method == "pca":
        explained = [*points.explained, 0.0][:2]
        _show_points(
            task,
            source,
            points,
            points.components[:, :2],
            axes=(
                f"first component ({percent(explained[0], 1)} of the variance)",
                f"second component ({percent(explained[1], 1)})",
            ),
        )
        st.caption(
            "**PCA** (principal component analysis) shows the two directions in which the examples"
            f" differ most. They hold {percent(sum(explained), 1)} of all differences (the"
            " variance). The rest is flattened, so classes that overlap here may still be easy to"
            " tell apart. Distances mean something: points far apart here really are different."
        )
        return
    found = follow_job(
        datasets.tsne_job(task.name, source.name, points.components),
        partial(datasets.tsne_job.clear, task.name, source.name),
        lambda job: progress_words(job, "Arranging the points (a few seconds, only once)"),
        key="dataset_tsne",
    )
    if found is not None:
        _show_points(task, source, points, found, axes=("", ""))
        st.caption(
            f"**t-SNE** (scikit-learn, seed {SEED}, perplexity 30, {TSNE_STEPS:,} steps, on the"
            f" first {points.components.shape[1]} principal components) puts each example beside"
            " those that look most like it. Only these neighbourhoods mean something. The"
            " distance between two groups, their size and their orientation mean nothing, and"
            " another seed gives another map. A point inside the wrong group is worth a look: a"
            " network will probably find it hard, too."
        )


def _show_points(
    task: Task,
    source: DataSource,
    points: Points,
    places: NDArray[np.float32],
    *,
    axes: tuple[str, str],
) -> None:
    chosen: Key[int] = Key(f"dataset_point_{task.name}_{source.name}", lambda: 1)
    count = len(points.labels)
    left, right = st.columns([3, 1])
    chosen.set(min(max(1, chosen.get()), count))
    with left:
        clicked = plot(
            map_figure(
                places,
                points.labels,
                classes=task.classes,
                pictures=_urls(task.name, source.name, points.pictures),
                words=[_words(task, points, n) for n in range(count)],
                axes=axes,
                chosen=chosen.get() - 1,
            ),
            key="dataset_map",
            label="Map of test examples",
            description="Each point is an example; its picture can be seen beside the map.",
            height=HEIGHT,
            on_click=True,
        )
    found = clicked_place(clicked, points.labels, task.classes)
    if found is not None and found != chosen.get() - 1:
        chosen.set(found + 1)
        st.rerun()
    with right:
        st.number_input(
            f"Look at point (1 to {count})",
            1,
            count,
            key=chosen.name,
            persist_state="session",
            help="The point with the ring around it. The arrow keys step through all points.",
        )
        _show_chosen(task, source, points, chosen.get() - 1)


def _show_chosen(task: Task, source: DataSource, points: Points, place: int) -> None:
    """Shows one point's picture and the pictures most similar to it."""
    words = _words(task, points, place)
    show_tiles([points.pictures[place]], [words], key="dataset_chosen", large=True)
    if st.button("See it inside a network", icon=":material/biotech:", key="dataset_inside"):
        asked = {"model": task.default_model, "data": source.name}
        st.switch_page(INSIDE, query_params=asked | {"test": str(points.indices[place])})
    alike = nearest(points, place, NEIGHBOURS)
    st.markdown("**Most similar**")
    show_tiles(
        [points.pictures[other] for other in alike],
        [class_words(int(points.labels[other]), task.classes) for other in alike],
        key="dataset_alike",
    )
    same = int((points.labels[alike] == points.labels[place]).sum())
    st.caption(
        f"{same} of these {len(alike)} are in the same class. The comparison uses all"
        f" {points.components.shape[1]} components, not only the two on a map."
    )


def _words(task: Task, points: Points, place: int) -> str:
    name = class_words(int(points.labels[place]), task.classes)
    return f"“{name}”, test example {points.indices[place]:,}"


@st.cache_data(max_entries=6, show_spinner=False)
def _urls(task_name: str, source: str, _pictures: NDArray[np.uint8]) -> list[str]:
    return [png_url(picture) for picture in _pictures]


# ---- The seven-segment display, where everything can be computed exactly


def show_patterns(task: Task, noise: Channel, level: float) -> None:
    """Shows the ten clean patterns, and how often each segment is lit under a noise."""
    st.subheader("Ten clean patterns out of 128")
    st.markdown(
        "Seven lamps, each on or off, make 2⁷ = **128 patterns**. Only ten of them are digits; the"
        " other 118 appear when a lamp is faulty."
    )
    show_tiles(
        [task.picture(x) for x in CLEAN],
        [f"{digit}: {to_pattern(x)}" for digit, x in zip(task.classes, CLEAN, strict=True)],
        key="dataset_clean",
    )
    shares = lit_shares(noise, level)
    plot(
        heat_map(
            shares,
            rows=task.classes,
            columns=list(SEGMENTS),
            title=f"How often each segment is lit: {noise.title.lower()} at {level:g}",
            row_title="digit",
            column_title="segment",
            hover="digit %{y}: segment %{x} is lit %{z:.1f} % of the time",
            texts=[[f"{100 * share:.0f}" for share in row] for row in shares],
        ),
        key="dataset_lit",
        label="How often each segment is lit for each digit",
        height=380,
    )
    st.caption(
        "Exact percentages, computed from the definition of the noise. They are the **mean** of the"
        " noisy patterns. A segment that is lit with probability p has the spread (standard"
        " deviation) √(p · (1 − p))."
    )


@st.fragment
def show_pattern_map(task: Task, noise: Channel, level: float) -> None:
    """Shows a map of all patterns that can appear under a noise."""
    st.subheader("A map of the patterns")
    found = pattern_map(noise, level)
    st.markdown(
        f"Each point is one of the {len(found.patterns)} patterns that can appear under"
        f" {noise.title.lower()} at {level:g}. Larger points appear more often, and the colour"
        " shows the most probable digit. Point at one, tap it or choose its pattern to see it."
    )
    patterns = ["".join(str(int(value)) for value in ALL_PATTERNS[n]) for n in found.patterns]
    chosen: Key[str] = Key("dataset_pattern", lambda: patterns[-1])
    if chosen.get() not in patterns:
        chosen.set(patterns[-1])
    left, right = st.columns([3, 1])
    words = _pattern_words(found, patterns)
    place = patterns.index(chosen.get())
    with left:
        # The area grows with the probability: people compare areas, not widths.
        sizes = 6 + 30 * np.sqrt(found.probabilities / found.probabilities.max())
        clicked = plot(
            map_figure(
                found.points,
                found.digits,
                classes=task.classes,
                pictures=[png_url(task.picture(ALL_PATTERNS[n])) for n in found.patterns],
                words=words,
                axes=(
                    f"first component ({percent(found.explained[0], 1)} of the variance)",
                    f"second component ({percent(found.explained[1], 1)})",
                ),
                chosen=place,
                sizes=cast(Sequence[float], sizes.tolist()),
            ),
            key="dataset_pattern_map",
            label="Map of the patterns",
            height=HEIGHT,
            on_click=True,
        )
    pointed = clicked_place(clicked, found.digits, task.classes)
    if pointed is not None and pointed != place:
        chosen.set(patterns[pointed])
        st.rerun()
    with right:
        st.selectbox("Look at pattern (a to g)", patterns, key=chosen.name, persist_state="session")
        picture = task.picture(ALL_PATTERNS[found.patterns[place]])
        show_tiles([picture], [words[place]], key="dataset_pattern_chosen", large=True)
        st.page_link(
            target(START),
            label="Have a network read it",
            icon=":material/counter_7:",
            query_params={"pattern": patterns[place]},
        )
    st.caption(
        "Exact **PCA** (principal component analysis): each pattern counts as often as it appears."
        f" The two axes hold {percent(sum(found.explained), 1)} of all differences (the variance);"
        " the other five are flattened, so patterns that overlap here may differ in several"
        " segments. All digits are equally frequent; if two are equally probable, the lower one"
        " is shown."
    )


def _pattern_words(found: PatternMap, patterns: Sequence[str]) -> list[str]:
    return [
        f"{pattern}: {percent(probability)} of all displays; {percent(certainty, 1)} of these are"
        f" {article(digit)}"
        for pattern, probability, digit, certainty in zip(
            patterns, found.probabilities, found.digits, found.certainties, strict=True
        )
    ]
