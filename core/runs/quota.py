"""How much one run, and one person, may have of this server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LimitReached
from core.runs.info import RunInfo
from core.settings import Settings
from core.training.config import TrainingConfig


@dataclass(frozen=True)
class Quota:
    """Checks runs against the limits of this server.

    Args:
        limits: the limits.
    """

    limits: Settings

    def check_size(self, config: TrainingConfig) -> None:
        """Raises LimitReached if one run is larger than this server allows."""
        limits = self.limits
        if config.epochs > limits.max_epochs:
            raise LimitReached(
                f"On this server a run may have {limits.max_epochs:,} epochs at most, so that"
                f" others get their turn. Received: {config.epochs:,}."
            )
        if config.parameters > limits.max_parameters:
            raise LimitReached(
                f"On this server a network may have {limits.max_parameters:,} parameters at most,"
                f" so that others get their turn. This one has {config.parameters:,}."
            )

    def check_number(self, mine: Sequence[RunInfo], *, new: int = 0, unreadable: int = 0) -> None:
        """Checks that a person may have so many new runs, or with 0 one more of theirs under way.

        Several that belong together are told how many there is room for.

        Args:
            mine: the person's runs.
            new: how many more they want. Defaults to 0.
            unreadable: how many they have besides that this version does not understand. Defaults
                to 0.

        Raises:
            LimitReached: if that is more than this server gives to one person.
        """
        limits = self.limits
        under_way = sum(info.under_way for info in mine)
        if under_way + max(1, new) > limits.max_runs:
            if new > 1:
                raise LimitReached(
                    f"These are {new} runs, and you have {under_way} waiting or under way. This"
                    f" server gives {limits.max_runs} at a time to one person, so none was started."
                )
            raise LimitReached(
                f"You have {limits.max_runs} runs waiting or under way, which is as many as this"
                " server gives to one person. Stop or delete one first."
            )
        kept = len(mine) + unreadable
        if new and kept + new > limits.max_kept_runs:
            if new > 1:
                raise LimitReached(
                    f"These are {new} runs, and you have {kept} already. This server keeps"
                    f" {limits.max_kept_runs} for one person, so none was started. Delete some"
                    " first."
                )
            raise LimitReached(
                f"You have {limits.max_kept_runs} runs, which is as many as this server keeps for"
                " one person. Delete some first."
            )
