"""A sweep on a page: how to start it, find it again, follow it and repair it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import DigitLabError
from core.search.sweep import Sweep, find
from core.training.config import TrainingConfig
from ui.services import server
from ui.session.settings import Setting, note
from ui.session.state import Key
from ui.wording.duration import duration
from ui.wording.runs import NO_WORKER, state_in_words

MAX_RUNS = 12  # in a link


def parse_runs(text: str) -> list[str]:
    """Returns the run ids in a URL, whether they exist or not."""
    return [run_id for run_id in text.split(",") if run_id][:MAX_RUNS]


@dataclass(frozen=True)
class SweepPlan:
    """A sweep that a page offers, whether it has been trained or not.

    Args:
        runs: the setting with the ids of its runs, for the URL.
        looked_for: the visitor and plan of the last search for an earlier sweep, which is too slow
            to repeat at every click.
        name: unique among the plans that share `runs`.
        owner: the visitor.
        wanted: configuration and name of each run, as `Runs.start_all` takes them.
        slot: the position of a run in the order, or None if it does not belong here.
        written: a run's name in an error message.
        heading: the start of such a message. Defaults to nothing.
    """

    runs: Setting[list[str]]
    looked_for: Key[str]
    name: str
    owner: str
    wanted: tuple[tuple[TrainingConfig, str], ...]
    slot: Callable[[TrainingConfig], float | None]
    written: Callable[[TrainingConfig], str]
    heading: str = ""

    def open(self) -> Sweep | None:
        """Returns the sweep of the link, else the person's own, else None."""
        sweep = self.look(self.runs.get())
        if self.runs.get() and not sweep.infos:
            if len(sweep.missing) == len(self.runs.get()):
                note("There are no such runs here; they may have been deleted.")
            self.runs.set([])  # they belong to another sweep, which the page showed before
        place = f"{self.owner} {self.name}"
        if not self.runs.get() and self.looked_for.get() != place:
            configs = [config for config, _ in self.wanted]
            self.runs.set(find(server.runs().of(self.owner), configs))
            sweep = self.look(self.runs.get())
        self.looked_for.set(place)
        if self.runs.get() and sweep.missing:
            note("Some of these runs no longer exist; they may have been deleted.")
        return sweep if sweep.infos else None

    def look(self, run_ids: Sequence[str]) -> Sweep:
        """Returns the runs that belong here: one for each slot, in order."""
        sweep = Sweep.look(server.runs(), run_ids)
        by_slot = {}
        for info, history in zip(sweep.infos, sweep.histories, strict=True):
            slot = self.slot(info.config)
            if slot is not None:
                by_slot[slot] = (info, history)
        pairs = [by_slot[slot] for slot in sorted(by_slot)]
        return Sweep(
            tuple(info for info, _ in pairs), tuple(history for _, history in pairs), sweep.missing
        )

    def offer_start(self, label: str, *, main: bool = True) -> None:
        """Shows the button that queues all runs.

        Args:
            label: of the button.
            main: whether it is the main action on the page. Defaults to True.
        """
        if st.button(label, type="primary" if main else "secondary", icon=":material/experiment:"):
            self._turn_to(server.runs().start_all(self.wanted, owner=self.owner))

    def show_progress(self, sweep: Sweep) -> None:
        """Shows the progress and the time left, and to the owner a button that stops it."""
        left = sweep.seconds_left
        words = f"{len(sweep.finished)} of {len(sweep.infos)} networks are trained"
        if any(info.state == "paused" for info in sweep.infos):
            words += "; one is paused and can be resumed on the Train page"
        elif any(info.without_workers for info in sweep.infos):
            words += f". {NO_WORKER}"
        elif left is not None:
            words += f", about {duration(left)} left"
        elif not any(info.state == "running" for info in sweep.infos):
            place = min(info.queue_position for info in sweep.infos if info.under_way)
            words += f"; the next one is number {place} in the queue" * (place > 1)
            words += "; waiting for a worker process to be ready …" * (place <= 1)
        st.progress(sweep.progress, words)
        if self.is_own(sweep):
            st.button(
                "Stop all",
                icon=":material/stop:",
                on_click=_stop,
                args=(sweep, self.owner),
                key=f"{self.runs.name}_stop_all",
            )

    def offer_repair(self, sweep: Sweep) -> None:
        """Says which runs left no network, and lets the owner train what is missing."""
        reasons: dict[str, list[str]] = {}
        for info in sweep.failed:
            reasons.setdefault(state_in_words(info), []).append(self.written(info.config))
        for reason, which in reasons.items():
            st.error(f"{self.heading}{', '.join(which)}: {reason}", icon=":material/error:")
        there = {self.slot(info.config) for info in sweep.infos if info not in sweep.failed}
        missing = any(self.slot(config) not in there for config, _ in self.wanted)
        if not (missing and self.is_own(sweep)):
            return
        if st.button("Train what is missing", type="primary", icon=":material/replay:"):
            self._turn_to(self._train_missing(sweep))

    def is_own(self, sweep: Sweep) -> bool:
        """Returns whether all its runs belong to the visitor."""
        return all(info.owner == self.owner for info in sweep.infos)

    def _turn_to(self, run_ids: list[str]) -> None:
        self.runs.set(run_ids)
        st.rerun()

    def _train_missing(self, sweep: Sweep) -> list[str]:
        """Resumes runs where possible, restarts the others, and returns the ids of all runs."""
        resumable = [info for info in sweep.failed if info.resumable]
        kept = [info for info in sweep.infos if info not in sweep.failed or info in resumable]
        has = {self.slot(info.config) for info in kept}
        anew = [(config, name) for config, name in self.wanted if self.slot(config) not in has]
        # Resumed runs already belong to the sweep. If the queue has no room for the others, they
        # can start later, and nothing starts twice.
        for info in resumable:
            server.runs().resume(info.id, owner=self.owner)
        new = server.runs().start_all(anew, owner=self.owner)
        return [*(info.id for info in kept), *new]


def _stop(sweep: Sweep, owner: str) -> None:
    try:
        sweep.stop(server.runs(), owner=owner)
    except DigitLabError as error:
        st.toast(str(error), icon=":material/error:")


def show_not_own() -> None:
    """Says that the runs belong to somebody else, above the button that trains new ones."""
    st.info(
        "These runs belong to somebody else. You can look at them, and train your own.",
        icon=":material/visibility:",
    )


def offer_comparison(sweep: Sweep) -> None:
    """Shows the button that opens the runs' curves side by side."""
    if st.button("Compare these runs", icon=":material/compare_arrows:"):
        ids = ",".join(info.id for info in sweep.infos)
        st.switch_page("pages/runs.py", query_params={"runs": ids})
