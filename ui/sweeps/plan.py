"""A sweep on a page: how to start it, find it again, follow it and repair it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.search.config import SearchConfig
from core.search.results import seconds_left
from core.search.sweep import Sweep, find
from core.training.config import TrainingConfig
from ui.services import server
from ui.session.settings import Setting, note
from ui.session.state import Key
from ui.widgets.search_controls import search_button, show_search_controls
from ui.wording.duration import duration
from ui.wording.phrases import plain
from ui.wording.runs import NO_WORKER, state_in_words

MAX_RUNS = 12  # in a link


def parse_sweep(text: str) -> list[str]:
    """Returns the ids in a URL, whether they exist or not: of a search, or of runs."""
    return [each for each in text.split(",") if each][:MAX_RUNS]


@dataclass(frozen=True)
class SweepPlan:
    """A sweep that a page offers, whether it has been trained or not.

    Args:
        ids: the setting with the id of its search, or those of its runs, for the URL.
        looked_for: the visitor and plan of the last look for an earlier sweep, which is too slow
            to repeat at every click.
        name: unique among the plans that share `ids`.
        owner: the visitor.
        wanted: the search that makes it.
        title: what that is called.
        slot: the position of a run in the order, or None if it does not belong here.
        written: a run's name in an error message.
        heading: the start of such a message. Defaults to nothing.
    """

    ids: Setting[list[str]]
    looked_for: Key[str]
    name: str
    owner: str
    wanted: SearchConfig
    title: str
    slot: Callable[[TrainingConfig], float | None]
    written: Callable[[TrainingConfig], str]
    heading: str = ""

    def open(self) -> Sweep | None:
        """Returns the sweep of the link, else the person's own, else None."""
        sweep = self.look(self.ids.get())
        if self.ids.get() and not self._is_there(sweep):
            if len(sweep.missing) == len(self.ids.get()):
                note("There are no such runs here; they may have been deleted.")
            self.ids.set([])  # they belong to another sweep, which the page showed before
        place = f"{self.owner} {self.name}"
        if not self.ids.get() and self.looked_for.get() != place:
            mine = server.searches().of(self.owner), server.runs().of(self.owner)
            self.ids.set(find(*mine, self.wanted))
            sweep = self.look(self.ids.get())
        self.looked_for.set(place)
        if self.ids.get() and sweep.missing:
            note("Some of these runs no longer exist; they may have been deleted.")
        return sweep if self._is_there(sweep) else None

    def look(self, ids: Sequence[str]) -> Sweep:
        """Returns what belongs here: a search of this kind, and one run for each slot, in order."""
        sweep = Sweep.look(server.searches(), server.runs(), ids)
        by_slot = {self.slot(info.config): info for info in sweep.infos}
        places = sorted(place for place in by_slot if place is not None)
        search = sweep.search
        if search is not None and (not search.config.compares or not self._fits(search.config)):
            search = None
        return Sweep(tuple(by_slot[place] for place in places), sweep.missing, search)

    def offer_start(self, label: str, *, main: bool = True) -> None:
        """Shows the button that starts the search.

        Args:
            label: of the button.
            main: whether it is the main action on the page. Defaults to True.
        """
        if st.button(label, type="primary" if main else "secondary", icon=":material/experiment:"):
            search = server.searches().start(self.wanted, owner=self.owner, name=self.title)
            self.ids.set([search])
            st.rerun()

    def show_progress(self, sweep: Sweep) -> None:
        """Shows the progress and the time left, and to the owner the buttons that steer it."""
        search = sweep.search
        count = len(sweep.infos) if search is None else search.config.most_trials
        words = f"{len(sweep.finished)} of {count} networks are trained"
        left = (
            None if search is None else seconds_left(search.config, search.trials, search.seconds)
        )
        if search is not None and search.state == "paused":
            words += "; the training is paused"
        elif any(info.state == "paused" for info in sweep.infos):
            words += "; one is paused and can be resumed on the Train page"
        elif any(info.without_workers for info in sweep.infos):
            words += f". {NO_WORKER}"
        elif left is not None:
            words += f", about {duration(left)} left"
        elif not any(info.state == "running" for info in sweep.infos):
            place = min((each.queue_position for each in sweep.infos if each.under_way), default=1)
            words += f"; the next one is number {place} in the queue" * (place > 1)
            words += "; waiting for a worker process to be ready …" * (place <= 1)
        st.progress(sweep.progress, words)
        if search is None:
            return
        if self.is_own(sweep):
            show_search_controls(search, self.owner)
        if search.trouble:
            st.warning(plain(search.trouble), icon=":material/hourglass_top:")

    def offer_repair(self, sweep: Sweep) -> None:
        """Says which runs left no network, and lets the owner train what is missing."""
        reasons: dict[str, list[str]] = {}
        for info in sweep.failed:
            reasons.setdefault(state_in_words(info), []).append(self.written(info.config))
        for reason, which in reasons.items():
            st.error(f"{self.heading}{', '.join(which)}: {reason}", icon=":material/error:")
        if not self.is_own(sweep):
            return
        search = sweep.search
        if search is None:
            if len(sweep.finished) < self.wanted.most_trials:
                self.offer_start("Train all of them again")
        elif search.can_go_on or sweep.missing:
            stopped = any(info.card and info.card.ending == "stopped" for info in sweep.finished)
            search_button(
                "Train what is missing" + " or was stopped" * stopped,
                "replay",
                lambda: server.searches().resume(search.id, owner=self.owner),
                main=True,
            )

    def is_own(self, sweep: Sweep) -> bool:
        """Returns whether all of it belongs to the visitor."""
        if sweep.search is not None:
            return sweep.search.owner == self.owner
        return all(info.owner == self.owner for info in sweep.infos)

    def _fits(self, config: SearchConfig) -> bool:
        return all(self.slot(run) is not None for run in config.runs)

    @staticmethod
    def _is_there(sweep: Sweep) -> bool:
        return sweep.search is not None or bool(sweep.infos)


def show_not_own() -> None:
    """Says that the runs belong to somebody else, above the button that trains new ones."""
    st.info(
        "These runs belong to somebody else. You can look at them, and train your own.",
        icon=":material/visibility:",
    )


def offer_more(sweep: Sweep) -> None:
    """Shows the buttons that open the runs' curves side by side, and the search behind them."""
    with st.container(horizontal=True):
        if st.button("Compare these runs", icon=":material/compare_arrows:"):
            ids = ",".join(info.id for info in sweep.infos)
            st.switch_page("pages/runs.py", query_params={"runs": ids})
        if sweep.search is not None and st.button(
            "Open as a search", icon=":material/manage_search:"
        ):
            st.switch_page("pages/search.py", query_params={"search": sweep.search.id})
