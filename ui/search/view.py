"""A search on its page: how it goes, what was tried, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import DigitLabError, NoSuchRun
from core.metrics.accuracy import percent
from core.search.architecture_sweep import guide_sweep
from core.search.best_possible import BestPossible, best_possible
from core.search.flattery import expected_best
from core.search.info import SearchInfo
from core.search.results import best_trial, rows, seconds_left
from core.search.trial import Trial
from ui.components.plot import plot
from ui.search import figures
from ui.search.setting_figures import importance_figure, parallel_figure, slice_figure
from ui.search.settings import COMPARED_VIEWS, COST, COST_TITLES, SEARCH, SLICE, VIEW, VIEWS
from ui.services import searches as computed
from ui.services import server
from ui.session.settings import choose
from ui.session.state import Key
from ui.widgets.job_progress import follow, follow_job
from ui.widgets.save_model import offer_saving
from ui.widgets.search_controls import search_button, show_search_controls
from ui.wording.measured import measured_on
from ui.wording.phrases import plain
from ui.wording.runs import figure_words, patterns_shared
from ui.wording.search import (
    STATES,
    best_in_words,
    importance_in_words,
    limit_in_words,
    parameter_words,
    progress_in_words,
    setting_title,
    space_in_words,
)

LOOK_SECONDS = 1.0
HEIGHT = 360
LONGER = 3  # times the epochs, for the winner trained once more
EXAMPLE_NETWORKS = (1, 10, 40, 200)
_TRIAL: Key[int] = Key("search_trial", lambda: -1)  # none yet
_PROPOSED: Key[int] = Key("search_trial_proposed", lambda: -1)  # as long as nobody chooses
_JUDGED = "Measuring the winner on the test data …"


def show_search(info: SearchInfo, owner: str) -> None:
    """Shows a search, and refreshes it while something happens in it."""
    if info.settled:
        # What is followed is drawn in a container, so all else is as well: the same elements.
        with st.container():
            _draw(info, owner)
        return
    follow(lambda: _draw_under_way(info.id, owner), every=LOOK_SECONDS)


def _draw_under_way(search_id: str, owner: str) -> bool:
    """Shows a search as it is now; returns whether something still happens in it."""
    try:
        info = server.searches().get(search_id)
    except DigitLabError:  # deleted in another tab
        return False
    if info.settled:
        return False
    _draw(info, owner)
    return True


def _draw(info: SearchInfo, owner: str) -> None:
    left = seconds_left(info.config, info.trials, info.seconds)
    ended = sum(not trial.open for trial in info.trials)
    share = 1.0 if info.state == "finished" else min(1.0, ended / info.config.most_trials)
    st.progress(share, _JUDGED if info.testing else progress_in_words(info, left))
    if info.owner == owner:
        show_search_controls(info, owner)
    if info.trouble:
        st.warning(plain(info.trouble), icon=":material/hourglass_top:")
    with st.container(key="search_best"):
        over = not info.under_way
        st.markdown(plain(best_in_words(info.config, info.trials, over=over)))
        limit = best_possible(info.config) or _of_run(best_trial(info.config, info.trials))
        if limit is not None:
            st.caption(limit_in_words(limit))
    _show_figure(info, limit)
    _show_trials(info)
    if info.config.compares:
        _offer_exercise(info)
    elif info.settled:
        _show_winner(info, owner)


def _of_run(best: Trial | None) -> BestPossible | None:
    """Returns the highest possible accuracy where a run has told of it."""
    if best is None:
        return None
    try:
        started = server.runs().history(best.run_id).started
    except NoSuchRun:
        return None
    accuracy = started.best_accuracy if started else None
    return None if accuracy is None else BestPossible(accuracy)


def _show_figure(info: SearchInfo, limit: BestPossible | None) -> None:
    config, trials, name = info.config, info.trials, info.id
    views = list(COMPARED_VIEWS if config.compares else VIEWS)
    if VIEW.get() not in views:
        VIEW.set(views[0])
    with st.container(key="side_by_side_picture"):
        left, right = st.columns(2)
    with left:
        view = choose(VIEW, "Picture", views, format_func=VIEWS.__getitem__)
    if view == "history":
        _plot(figures.history_figure(config, trials, name=name, limit=limit), view, trials)
    elif view == "runs":
        _plot(figures.courses_figure(config, trials, name=name, limit=limit), view, trials)
    elif view == "settings":
        names = list(config.space.names)
        if SLICE.get() not in names:
            SLICE.set(names[0])
        setting = right.selectbox("Setting", names, format_func=setting_title, **SLICE.widget)
        _plot(slice_figure(config, trials, setting, name=name), view, trials)
    elif view == "together":
        _plot(parallel_figure(config, trials, name=name), view, trials)
        st.caption("Each line is a complete run. Drag along an axis to pick some of them.")
    elif view == "importance":
        _show_importance(info)
    else:
        words = COST_TITLES.__getitem__
        cost = right.selectbox("Cost", list(COST_TITLES), format_func=words, **COST.widget)
        figure = figures.front_figure(config, trials, cost=cost, name=name, limit=limit)
        _plot(figure, view, trials)


def _plot(figure: dict[str, Any], view: str, trials: Sequence[Trial]) -> None:
    """Shows a figure; a click on a run chooses it below."""
    complete = sum(trial.state == "complete" for trial in trials)
    clicked = plot(
        figure,
        key=f"search_plot_{view}",
        label=f"{VIEWS[view]}: {figure['layout']['title']['text']}",
        height=HEIGHT,
        description=f"{complete} complete runs; the table below has the same numbers.",
        on_click=view in ("history", "settings", "cost"),
    )
    if clicked and isinstance(clicked.get("customdata"), int):
        _TRIAL.set(clicked["customdata"])


def _show_importance(info: SearchInfo) -> None:
    complete = sum(trial.state == "complete" for trial in info.trials)
    job = computed.importance_job(info.id, complete)
    above = st.container()
    if info.settled:
        shares = follow_job(
            job,
            lambda: computed.importance_job.clear(info.id, complete),
            lambda job: "Finding what mattered …",
            key="search_importance_job",
        )
    else:
        shares = job.result
    with above:
        _plot(importance_figure(shares or {}, name=info.id), "importance", info.trials)
        st.markdown("Finding what mattered …" if shares is None else importance_in_words(shares))
        st.caption(
            "By functional analysis of variance (fANOVA): forests of decision trees learn what came"
            " of which settings, and tell how much of the differences each setting explains."
        )


def _show_trials(info: SearchInfo) -> None:
    found = rows(info.config, info.trials)
    st.dataframe(
        {
            "Run": [row.number + 1 for row in found],
            "State": [("★ best" if row.best else STATES[row.state]) for row in found],
            "Loss": [row.loss for row in found],
            "Accuracy (%)": [None if row.accuracy is None else 100 * row.accuracy for row in found],
        }
        | {
            setting_title(name): [parameter_words(row.parameters[name]) for row in found]
            for name in info.config.space.names
        }
        | {
            "Epochs": [row.epochs for row in found],
            "Parameters": [row.weights for row in found],
            "Seconds": [row.seconds for row in found],
        },
        placeholder="–",
        hide_index=True,
        width="stretch",
        height=260,
        key="search_trials",
        column_config={
            "State": st.column_config.TextColumn(width=110),
            "Loss": st.column_config.NumberColumn(format="%.4f", help="Validation loss in nats"),
            "Accuracy (%)": st.column_config.NumberColumn(
                format="%.2f", help="Validation accuracy"
            ),
            "Seconds": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    numbers = [row.number for row in found]
    if not numbers:
        return
    best = best_trial(info.config, info.trials)
    proposed = best.number if best else numbers[-1]
    if _TRIAL.get() not in numbers or _TRIAL.get() == _PROPOSED.get():  # nobody chose another
        _TRIAL.set(proposed)
    _PROPOSED.set(proposed)
    box, button = st.columns([2, 1], vertical_alignment="bottom")
    chosen = box.selectbox(
        "One run", numbers, format_func=lambda number: f"Run {number + 1}", key=_TRIAL.name
    )
    trial = info.trials[chosen]
    if button.button("Open this run", icon=":material/open_in_new:", width="stretch"):
        st.switch_page("pages/train.py", query_params={"run": trial.run_id})
    if trial.reason:
        st.caption(plain(trial.reason))


def _show_winner(info: SearchInfo, owner: str) -> None:
    """Shows what can be done with the best run once the search is over."""
    best = best_trial(info.config, info.trials)
    if best is None:
        return
    st.subheader("The winner")
    if info.test is None:
        st.markdown(
            "The **test data** has not been looked at yet. It is opened once, for the winner alone:"
            " after that this search cannot go on. What is saved before is saved without a test"
            " accuracy."
        )
        if info.owner == owner:
            search_button(
                "Measure the winner on the test data",
                "lock_open",
                lambda: server.searches().open_test(info.id, owner=owner),
                main=True,
            )
    else:
        base = info.config.base
        task = base.get_task()
        drawn = patterns_shared(task, base.source, base.noise_level)
        noun = task.label if task.channel else task.example
        for figure in info.test.figures:
            first, *_ = figure_words(figure, drawn=drawn, noun=noun)
            st.metric("Test accuracy", percent(figure.value), border=True)
            words = measured_on(figure), first
            st.caption(" ".join(f"{each[:1].upper()}{each[1:].rstrip('.')}." for each in words))
    model = server.runs().result(best.run_id)
    if model is None:
        st.info("The winner's run was deleted, and its network with it.")
        return
    name = f"best-{info.config.base.task}"
    offer_saving(model, best.run_id, label="Name", name=name, words="Save the best")
    if st.button(f"Train the best one longer ({LONGER} times the epochs)"):
        _train_longer(info, best, owner)


def _offer_exercise(info: SearchInfo) -> None:
    """Shows the button that leads to the exercise whose search this is, if it is one's."""
    base, names = info.config.base, info.config.space.names
    if names == ("noise_level",):
        page, asked = "pages/noise.py", {"task": base.task, "noise": base.noise, "part": "train"}
    elif info.config.space == guide_sweep().space and base == guide_sweep().base:
        page, asked = "pages/compare.py", {"task": base.task}
    else:
        return
    if st.button("Open the exercise", icon=":material/experiment:"):
        st.switch_page(page, query_params=asked | {"sweep": info.id})


def _train_longer(info: SearchInfo, best: Trial, owner: str) -> None:
    config = info.config.space.apply(info.config.base, best.parameters)
    epochs = min(LONGER * config.epochs, server.configuration().max_epochs)
    try:
        run_id = server.runs().start(
            replace(config, epochs=epochs), owner=owner, name=f"{info.name}, the best for longer"
        )
    except DigitLabError as error:
        st.error(plain(str(error)))
    else:
        st.switch_page("pages/train.py", query_params={"run": run_id})


def offer_deleting(info: SearchInfo, owner: str) -> None:
    """Shows the button that deletes a search, and two others that are sure of it."""

    def delete(*, with_runs: bool) -> None:
        server.searches().delete(info.id, owner=owner, with_runs=with_runs)
        SEARCH.set("")

    with st.popover("Delete", icon=":material/delete:"):
        st.text(f"Delete “{info.name}” for good? Its runs are ordinary runs and can stay.")
        search_button("Delete the search alone", "delete", lambda: delete(with_runs=False))
        search_button(
            "Delete its runs as well", "delete_forever", lambda: delete(with_runs=True), main=True
        )


def show_space(info: SearchInfo) -> None:
    """Shows what was asked for."""
    with st.expander("What varies in this search"):
        for words in space_in_words(info.config):
            st.text(words)
        st.caption("Everything else is as in this command:")
        st.code(info.config.base.command, language="shell")


def show_why() -> None:
    """Explains why the test data stays closed, with exact numbers."""
    with st.expander("Why not choose by the test accuracy?"):
        accuracy, examples = 0.65, 500
        st.markdown(
            "Because the best of many is partly lucky. Take networks that are all **equally good**:"
            f" each is right {percent(accuracy, 0)} of the time. On {examples} test examples each"
            " gets a few more or fewer right by chance, and whoever picks the best one picks the"
            " chance as well. Computed exactly, for networks whose mistakes have nothing to do with"
            " each other:"
        )
        found = [expected_best(accuracy, examples, count) for count in EXAMPLE_NETWORKS]
        st.table(
            {
                "Networks tried": [f"{count:,}" for count in EXAMPLE_NETWORKS],
                "Best test accuracy to be expected": [percent(value, 1) for value in found],
                "Too good by": [f"{100 * (value - accuracy):.1f} points" for value in found],
            }
        )
        st.markdown(
            "So a search chooses by the **validation** data, and that flatters in the same way. The"
            " test data is opened once, for the winner: its accuracy there is an honest one."
        )
