"""What a search is asked to do. Nothing here imports Optuna, so that the server starts without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter
from pydantic.dataclasses import dataclass

from core.errors import InvalidInput
from core.schema import DEFERRED, Bounds, OneOf, parse
from core.search.space import MAX_GRID, Space
from core.search.variables import UNLIKE
from core.training.config import BOUNDS, TrainingConfig

PURPOSES: Mapping[str, str] = {"choose": "Find the best", "compare": "Only compare"}
SAMPLERS: Mapping[str, str] = {"tpe": "TPE (Bayesian)", "random": "Random", "grid": "Grid"}
PRUNERS: Mapping[str, str] = {"median": "Median", "halving": "Successive halving", "none": "None"}
OBJECTIVES: Mapping[str, str] = {"loss": "Validation loss", "accuracy": "Validation accuracy"}
SETTINGS: Mapping[str, Bounds] = {
    "trials": Bounds(1, 500, 30, "Trials", "How many runs the search may make.", whole=True),
    "seconds": Bounds(
        0,
        7 * 24 * 3600,
        0,
        "Time allowed (s)",
        "After so many seconds no further run begins; those under way end. 0 is no limit.",
    ),
    "parallel": Bounds(
        1, 16, 2, "At a time", "Runs of the search that are under way at a time.", whole=True
    ),
    "seed": Bounds(
        0, 2**31 - 1, 0, "Seed", "The same seed and results give the same proposals.", whole=True
    ),
}
MAX_TRIALS = int(SETTINGS["trials"].high)
MAX_COMPARED = 50  # runs of a search that only compares


def _read_space(entry: Any) -> Any:
    if isinstance(entry, list) and all(isinstance(text, str) for text in entry):
        return Space.parse(entry)
    return entry


# As plain values a space is a list of its texts.
SpaceInTexts = Annotated[
    Space, BeforeValidator(_read_space), PlainSerializer(lambda space: space.texts)
]


@dataclass(frozen=True, kw_only=True, config=DEFERRED)
class SearchConfig:
    """All that decides a search.

    Args:
        base: the run whose settings vary.
        space: which of them, and how far.
        purpose: "choose" (the default) finds the settings that are best on the validation data, and
            its winner alone is measured on the test data. "compare" trains every point of the grid
            to the end, and each is measured: nothing is chosen, so even the noise level may vary.
        sampler: what proposes them: one of SAMPLERS. Defaults to "tpe".
        pruner: what ends hopeless runs: one of PRUNERS. Defaults to "median".
        objective: what is looked for: the lowest validation "loss" (the default) or the highest
            validation "accuracy".
        trials: how many runs at most. Defaults to 30.
        seconds: after which no further one begins; 0 for no limit. Defaults to 0.
        parallel: how many are under way at a time. Defaults to 2. With one at a time, the same
            search proposes the same settings again.
        seed: of the sampler. Defaults to 0.

    Raises:
        InvalidInput: if a value is not possible, or a setting of the space not for this run or
            this purpose.
    """

    base: TrainingConfig
    space: SpaceInTexts
    purpose: Annotated[Literal["choose", "compare"], OneOf(PURPOSES)] = "choose"
    sampler: Annotated[str, OneOf(SAMPLERS)] = "tpe"
    pruner: Annotated[str, OneOf(PRUNERS)] = "median"
    objective: Annotated[Literal["loss", "accuracy"], OneOf(OBJECTIVES)] = "loss"
    trials: Annotated[int, SETTINGS["trials"]] = 30
    seconds: Annotated[float, SETTINGS["seconds"]] = 0.0
    parallel: Annotated[int, SETTINGS["parallel"]] = 2
    seed: Annotated[int, BOUNDS["seed"]] = 0

    def __post_init__(self) -> None:
        for name in () if self.compares else self.space.names:
            if name in UNLIKE:
                raise InvalidInput(f"{name} cannot vary in a search that chooses. {UNLIKE[name]}")
        self.space.check(self.base)
        if self.compares:
            self._check_comparison()
        if self.sampler == "grid" and self.space.grid_size > MAX_GRID:
            raise InvalidInput(
                f"This grid has {self.space.grid_size:,} points; {MAX_GRID:,} are allowed. Let"
                " fewer settings vary, or take fewer points of each range."
            )

    def _check_comparison(self) -> None:
        if (self.sampler, self.pruner) != ("grid", "none"):
            raise InvalidInput(
                "A search that only compares trains every point of its grid to the end. Received:"
                f" sampler={self.sampler!r}, pruner={self.pruner!r}"
            )
        if self.space.grid_size > MAX_COMPARED:
            raise InvalidInput(
                f"{self.space.grid_size:,} runs are too many to compare; {MAX_COMPARED} are"
                " allowed. Let fewer settings vary, or take fewer values of each."
            )
        for point in self.space.grid_points():
            self.space.apply(self.base, point)

    @classmethod
    def comparison(cls, base: TrainingConfig, space: Space) -> SearchConfig:
        """Returns a search that trains every point of a grid, and chooses none of them.

        Args:
            base: the run whose settings vary.
            space: which of them, and which values they have.

        Raises:
            InvalidInput: if a value is not possible, or if there are too many points.
        """
        number = min(space.grid_size, MAX_COMPARED)
        return cls(
            base=base,
            space=space,
            purpose="compare",
            sampler="grid",
            pruner="none",
            objective="accuracy",
            trials=number,
            parallel=min(number, int(SETTINGS["parallel"].high)),
        )

    @property
    def compares(self) -> bool:
        """Whether it compares its runs without choosing one."""
        return self.purpose == "compare"

    @property
    def runs(self) -> list[TrainingConfig]:
        """The run of each point of the grid, in order.

        Raises:
            InvalidInput: if the settings of one do not go together.
        """
        return [self.space.apply(self.base, point) for point in self.space.grid_points()]

    @property
    def maximize(self) -> bool:
        """Whether more is better."""
        return self.objective == "accuracy"

    @property
    def most_trials(self) -> int:
        """How many runs the search can make: a grid, or a finite space, may have fewer points."""
        size = self.space.grid_size if self.sampler == "grid" else self.space.count
        return int(min(self.trials, size))

    @classmethod
    def parse(cls, entry: object) -> SearchConfig:
        """Checks a search that was written as plain values.

        Raises:
            InvalidInput: if the entries are not a search.
        """
        return parse(SEARCH, entry, "the description of a search")


SEARCH = TypeAdapter(SearchConfig)
