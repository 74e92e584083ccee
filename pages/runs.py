"""Lesson 3, continued: what was different, and what did it change? Runs side by side."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.errors import DigitLabError, NoSuchRun, UnreadableRun
from core.runs.info import MAX_NAME, RunInfo, Unreadable
from core.tasks.base import get_task
from ui.services import server
from ui.session.settings import Setting, note, restore, share
from ui.session.state import Key
from ui.session.visitor import local_time, visitor
from ui.train.compared_runs import show_curves_and_results, simple_job
from ui.widgets.job_progress import follow, follow_jobs
from ui.wording.phrases import plain
from ui.wording.runs import (
    accuracy_in_words,
    name_of,
    settings_in_common,
    settings_that_differ,
    state_in_words,
)

R = TypeVar("R", RunInfo, Unreadable)

LIST_SECONDS = 2.0
ROWS_SHOWN = 6
ROW_PIXELS = 35
LONGEST_IN_CHART = 36
MAX_CHOSEN = 12
FIRST_CHOICE = 3
# Large enough for a finger: what is chosen, and the crosses that remove it.
STYLE = """
<style>
@media (pointer: coarse), (max-width: 640px) {
  .st-key-compared_runs [data-tag] { min-height: 40px; height: auto; max-width: 100%; }
  .st-key-compared_runs [data-tag] > span { white-space: normal; }
  .st-key-compared_runs button { min-width: 40px; min-height: 40px; }
}
</style>
"""
TASK = Setting("runs_task", str, "task", lambda text: get_task(text).name)
CHOSEN: Setting[list[str]] = Setting(
    "compared_runs",
    list,
    "runs",
    lambda text: [run for run in text.split(",") if run][:MAX_CHOSEN],
    ",".join,
)
BY_TASK: Key[dict[str, list[str]]] = Key("compared_by_task", dict)  # what was chosen last
MANAGED: Key[str] = Key("managed_run", str)
SAID: Key[str] = Key("runs_said", str)  # how the last action went, shown once


def labels(infos: list[RunInfo]) -> dict[str, str]:
    """Returns a different label for each run, by its id, as plain text.

    For boxes to choose from: a label stays the same whatever other runs there are, because a
    browser reports a choice by its label.
    """
    words: dict[str, str] = {}
    for info in infos:
        label = f"{name_of(info)}, {local_time(info.created):%d %b %H:%M:%S}"
        words[info.id] = label if label not in words.values() else f"{label} ({info.id[:4]})"
    return words


def short_names(infos: list[RunInfo], *, longest: int = MAX_NAME) -> dict[str, str]:
    """Returns short names that tell the runs apart, by their ids, as plain text.

    Runs of the same name are told apart by their seeds, else by their times.

    Args:
        infos: the runs.
        longest: characters of a name that are kept. Defaults to all.
    """
    names = [_cut(name_of(info), longest) for info in infos]
    for further in (
        [f"seed {info.config.seed}" for info in infos],
        [f"{local_time(info.created):%H:%M:%S}" for info in infos],
        [info.id for info in infos],
    ):
        told: dict[str, set[str]] = {}
        for name, more in zip(names, further, strict=True):
            told.setdefault(name, set()).add(more)
        alike = Counter(names)
        names = [
            f"{name}, {more}" if alike[name] > 1 and len(told[name]) > 1 else name
            for name, more in zip(names, further, strict=True)
        ]
    return {info.id: name for info, name in zip(infos, names, strict=True)}


def _cut(name: str, longest: int) -> str:
    short = name[:longest].rstrip()
    return name if len(name) <= longest else f"{short}…"


def list_runs(mine: list[RunInfo], owner: str) -> None:
    """Shows all of a person's runs, and refreshes them while one is under way."""
    st.subheader("Your runs")
    if any(info.under_way for info in mine):
        task = mine[0].config.task
        follow(lambda: show_own(owner, task), every=LIST_SECONDS)
    else:
        show_list(mine)


def show_own(owner: str, task: str) -> bool:
    """Shows a person's runs of a task as they are now; returns whether one is under way."""
    mine = [info for info in server.runs().of(owner) if info.config.task == task]
    if not any(info.under_way for info in mine):
        return False
    show_list(mine)
    return True


def show_list(mine: list[RunInfo]) -> None:
    runs = server.runs()
    states = [
        state_in_words(info, runs.history(info.id) if info.under_way else None) for info in mine
    ]
    st.dataframe(
        {
            "Name": [name_of(info) for info in mine],
            "State": states,
            "Test accuracy": [accuracy_in_words(info) for info in mine],
            "Created": [f"{local_time(info.created):%d %b %H:%M:%S}" for info in mine],
        },
        hide_index=True,
        width="stretch",
        height=ROW_PIXELS * (min(len(mine), ROWS_SHOWN) + 1) + 3,
        key="my_runs",
        column_config={"State": st.column_config.TextColumn(width="large")},
    )


def linked(mine: list[RunInfo]) -> list[RunInfo]:
    """Returns the link's runs that are somebody else's, and notes those that do not exist."""
    own = {info.id for info in mine}
    others = []
    for run_id in [run_id for run_id in CHOSEN.get() if run_id not in own]:
        try:
            others.append(server.runs().get(run_id))
        except NoSuchRun as error:
            note(str(error))
    known = own | {info.id for info in others}
    CHOSEN.set([run_id for run_id in CHOSEN.get() if run_id in known])
    return others


def choose_task(infos: list[RunInfo]) -> list[RunInfo]:
    """Has the person choose a task, if there are runs of several, and returns its runs.

    Runs of different tasks cannot be compared: their accuracies are about different things.
    """
    titles = {info.config.task: info.config.get_task().title for info in infos}
    tasks = {info.id: info.config.task for info in infos}
    if TASK.get() not in titles:
        first = next((tasks[run_id] for run_id in CHOSEN.get()), infos[0].config.task)
        TASK.set(first)
    if len(titles) > 1:
        st.selectbox(
            "Task",
            list(titles),
            format_func=titles.__getitem__,
            on_change=lambda: CHOSEN.set(BY_TASK.get().get(TASK.get(), [])),
            **TASK.widget,
        )
    fitting = [run_id for run_id in CHOSEN.get() if tasks.get(run_id) == TASK.get()]
    if len(fitting) < len(CHOSEN.get()):
        note("Only runs of one task can be compared; those of another task are left out.")
        CHOSEN.set(fitting)
    return [info for info in infos if info.config.task == TASK.get()]


def choose_runs(infos: list[RunInfo]) -> list[RunInfo]:
    """Shows all runs to choose from and returns the chosen ones."""
    words = labels(infos)
    if not CHOSEN.get():
        CHOSEN.set([info.id for info in infos[:FIRST_CHOICE]])
    chosen = st.multiselect(
        "Runs to compare",
        list(words),
        format_func=words.__getitem__,
        max_selections=MAX_CHOSEN,
        **CHOSEN.widget,
    )
    BY_TASK.get()[TASK.get()] = list(chosen)
    by_id = {info.id: info for info in infos}
    return [by_id[run_id] for run_id in chosen]


def show_comparison(chosen: list[RunInfo]) -> None:
    """Shows curves and tables, and refreshes them while one of the runs is under way."""
    if any(info.under_way for info in chosen):
        run_ids = [info.id for info in chosen]
        follow(lambda: show_under_way(run_ids))
    else:
        job = simple_job(chosen)
        if job is None or not follow_jobs([job], lambda: draw(chosen)):
            with st.container():  # as around what is followed, so that the curves stay the same
                draw(chosen)
    show_settings(chosen)


def show_under_way(run_ids: list[str]) -> bool:
    """Shows the runs as they are now; returns whether one is under way."""
    try:
        infos = [server.runs().get(run_id) for run_id in run_ids]
    except DigitLabError:  # one was deleted in another tab
        return False
    if not any(info.under_way for info in infos):
        return False
    draw(infos)
    return True


def draw(infos: list[RunInfo]) -> None:
    """Shows the curves and the results of runs as they are now."""
    show_curves_and_results(infos, short_names(infos, longest=LONGEST_IN_CHART), short_names(infos))


def show_settings(infos: list[RunInfo]) -> None:
    st.subheader("Settings that differ")
    configs = [info.config for info in infos]
    different = settings_that_differ(configs)
    words = short_names(infos)
    if different:
        st.dataframe(
            {"Setting": list(different)}
            | {
                words[info.id]: [values[n] for values in different.values()]
                for n, info in enumerate(infos)
            },
            hide_index=True,
            width="stretch",
            key="settings",
        )
    elif len(infos) == 1:
        st.caption("Choose a second run to compare it with this one.")
    else:
        st.caption("None: all of these runs have the same settings.")
    with st.expander("Settings that all runs share"):
        for title, value in settings_in_common(configs).items():
            st.text(f"{title}: {value}")


def manage(infos: list[RunInfo], owner: str) -> None:
    """Shows what can be done with one run."""
    st.subheader("Manage a run")
    words = labels(infos)
    if MANAGED.get() not in words:
        MANAGED.set(infos[0].id)
    run_id = st.selectbox("Run", list(words), format_func=words.__getitem__, key=MANAGED.name)
    info = next(info for info in infos if info.id == run_id)
    if not info.under_way:
        st.text(f"State: {state_in_words(info)}")  # in a table a long reason is cut off
    if info.owner == owner:
        typed: Key[str] = Key(f"name_{run_id}", str)
        # A form, because it hands over what was typed together with the click.
        with st.form(f"rename_{run_id}", border=False):
            box, button = st.columns([3, 1], vertical_alignment="bottom")
            box.text_input("Name of the run", name_of(info), max_chars=MAX_NAME, key=typed.name)
            button.form_submit_button(
                "Rename",
                width="stretch",
                on_click=lambda: act(rename, info, owner, typed.get()),
            )
    with st.container(horizontal=True):
        if st.button("Open this run", icon=":material/open_in_new:"):
            st.switch_page("pages/train.py", query_params={"run": run_id})
        st.button("Repeat with the same seed", on_click=act, args=(repeat, info, owner, info.name))
        if info.owner == owner:
            confirm_delete(info, name_of(info), owner)


def list_unreadable(owner: str) -> bool:
    """Lists the runs that this version does not understand, to be deleted; returns if any is."""
    found = server.runs().unreadable(owner)
    if not found:
        return False
    st.subheader("Runs that cannot be read any more")
    st.caption(
        "They were made by another version of Digit Lab, or for a task that is not here any more."
        " They stay in the database until you delete them."
    )
    for run in found:
        with st.container(border=True):
            words, button = st.columns([4, 1], vertical_alignment="center")
        with words:
            st.text(f"{run.name}, {local_time(run.created):%d %b %H:%M:%S}")
            st.text(run.reason)
        with button:
            confirm_delete(run, run.name, owner)
    return True


def confirm_delete(run: RunInfo | Unreadable, name: str, owner: str) -> None:
    """Shows the button that deletes a run, and another that is sure of it."""
    with st.popover("Delete", icon=":material/delete:", key=f"delete_{run.id}"):
        st.text(f"Delete “{name}” for good, with its curves and its network?")
        st.button(
            "Yes, delete it",
            type="primary",
            key=f"sure_{run.id}",
            on_click=act,
            args=(delete, run, owner, ""),
        )


def act(action: Callable[[R, str, str], str], info: R, owner: str, name: str) -> None:
    """Runs a button's action, and has the page say how it went."""
    try:
        SAID.set(action(info, owner, name))
    except DigitLabError as error:
        SAID.set(str(error))


def rename(info: RunInfo, owner: str, name: str) -> str:
    server.runs().rename(info.id, name, owner=owner)
    MANAGED.set(info.id)  # so that the list shows the new name
    return "Renamed." if name.strip() else "A run's name cannot be empty."


def repeat(info: RunInfo, owner: str, name: str) -> str:
    new = server.runs().start(info.config, owner=owner, name=name)
    CHOSEN.set([*CHOSEN.get(), new][-MAX_CHOSEN:])
    return "Queued again with the same settings and seed."


def delete(info: RunInfo | Unreadable, owner: str, name: str) -> str:
    server.runs().delete(info.id, owner=owner)
    CHOSEN.set([run_id for run_id in CHOSEN.get() if run_id != info.id])
    return "Deleted."


def show_page(owner: str) -> None:
    if SAID.get():
        st.info(SAID.get(), icon=":material/info:")
        SAID.set("")
    mine = server.runs().of(owner)
    others = linked(mine)
    if not mine + others:
        if list_unreadable(owner):
            return
        st.info("You have no runs yet. Train a network first.", icon=":material/flag:")
        st.page_link("pages/train.py", label="To the Train page", icon=":material/model_training:")
        return
    infos = choose_task(mine + others)
    if mine := [info for info in infos if info.owner == owner]:
        list_runs(mine, owner)
    chosen = choose_runs(infos)
    if chosen:
        show_comparison(chosen)
    manage(infos, owner)
    list_unreadable(owner)


st.html(STYLE)
st.title("Compare runs")
st.markdown(
    "Change one setting, train again and compare both runs: this shows what the setting does. The"
    " same **seed** gives both runs the same start, so any difference comes from the setting."
)
person = visitor()
given = restore("runs", (TASK, CHOSEN))
if CHOSEN.name in given and TASK.name not in given:
    TASK.set("")  # that of the link's runs
try:
    show_page(person)
except UnreadableRun:  # seen only now; from the page's next run on it is listed as such
    st.rerun()
except DigitLabError as error:
    st.error(plain(str(error)))
share((TASK, CHOSEN))
