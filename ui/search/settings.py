"""Every setting of the Search page: its widget's key, its URL parameter, what it offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.errors import InvalidInput
from core.search.config import OBJECTIVES, PRUNERS, SAMPLERS, SETTINGS
from core.search.samplers import PROBLEMS
from core.search.variables import NUMBERS
from core.tasks.base import Task, get_task, tasks
from ui.session.settings import Setting, number, one_of, whole_number, write_number

# What a range may begin and end with; the first two numbers are where it begins and ends at first.
RANGES: Mapping[str, tuple[float, float, Sequence[float]]] = {
    "learning_rate": (
        0.0001,
        0.1,
        (0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1),
    ),
    "batch_size": (16, 256, (8, 16, 32, 64, 128, 256, 512, 1024)),
    "dropout": (0, 0.5, (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)),
    "weight_decay": (0.00001, 0.01, (0.00001, 0.0001, 0.001, 0.01, 0.1)),
    "l2": (0.00001, 0.01, (0.00001, 0.0001, 0.001, 0.01, 0.1)),
    "momentum": (0, 0.99, (0, 0.5, 0.8, 0.9, 0.95, 0.99)),
    "rotation": (0, 20, (0, 5, 10, 15, 20, 30, 45)),
    "shift": (0, 0.2, (0, 0.05, 0.1, 0.15, 0.2, 0.3)),
    "zoom": (0, 0.2, (0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)),
    "shear": (0, 0.2, (0, 0.05, 0.1, 0.2, 0.3, 0.5)),
    "elastic": (0, 0.05, (0, 0.01, 0.02, 0.03, 0.05, 0.1)),
    "stroke": (0, 0.5, (0, 0.25, 0.5, 0.75, 1)),
}
# What matters by factors is tried by factors.
LOGARITHMIC = ("learning_rate", "batch_size", "weight_decay", "l2")
# What may be chosen from, and how many of these are chosen at first.
OPTIONS: Mapping[str, tuple[int, Sequence[str]]] = {
    "hidden": (4, ("16", "32", "32,16", "64,32", "8", "64", "128", "128,64", "64,32,16")),
    "filters": (3, ("4", "8", "8,16", "16", "4,8", "16,32", "32,64")),
    "recurrent": (3, ("8", "16", "32", "16,16", "64")),
    "cell": (3, ("simple", "gru", "lstm")),
    "activation": (3, ("relu", "tanh", "gelu", "sigmoid", "none")),
    "batch_norm": (2, ("no", "yes")),
    "optimizer": (2, ("adam", "sgd", "adamw")),
    "schedule": (3, ("constant", "cosine", "one-cycle", "plateau")),
    "kernel_size": (2, ("3", "5", "7")),
}
ORDER = (
    "learning_rate",
    "hidden",
    "filters",
    "recurrent",
    "cell",
    "activation",
    "dropout",
    "batch_size",
    "optimizer",
    "schedule",
    "batch_norm",
    "kernel_size",
    "weight_decay",
    "l2",
    "momentum",
    "rotation",
    "shift",
    "zoom",
    "shear",
    "elastic",
    "stroke",
)
FOR_PICTURES = frozenset(
    {"filters", "kernel_size", "rotation", "shift", "zoom", "shear", "elastic", "stroke"}
)
FOR_SEQUENCES = frozenset({"recurrent", "cell"})
FIRST_VARY = ("learning_rate", "hidden")
VIEWS: Mapping[str, str] = {
    "history": "History",
    "runs": "Every run",
    "settings": "By setting",
    "together": "All settings",
    "importance": "What mattered",
    "cost": "Cost",
}

COST_TITLES: Mapping[str, str] = {"weights": "Parameters", "seconds": "Training time"}
# Where nothing is chosen, there is no best so far.
COMPARED_VIEWS = ("settings", "runs", "together", "cost")


def _trainable(text: str) -> str:
    task = get_task(text)
    if task.needs_own_samples:
        raise InvalidInput(f"{task.title} are taught on “Your handwriting”.")
    return task.name


def _names(text: str) -> list[str]:
    found = [name for name in text.split(",") if name]
    for name in found:
        if name not in ORDER:
            raise ValueError(f"“{name[:40]}” is no setting that can vary here.")
    return list(dict.fromkeys(found))


def _end(name: str, which: int) -> Setting[Any]:
    bounds = NUMBERS[name]
    parse: Callable[[str], Any] = (whole_number if bounds.whole else number)(
        bounds.low, bounds.high
    )
    first = RANGES[name][which]
    word = ("from", "to")[which]
    return Setting(f"search_{name}_{word}", lambda: first, f"{name}_{word}", parse, write_number)


def _options(name: str) -> Setting[list[str]]:
    first, known = OPTIONS[name]

    def parse(text: str) -> list[str]:
        found = text.split("|")
        for option in found:
            if option not in known:
                raise ValueError(f"“{option[:40]}” is not one of {', '.join(known)}.")
        return found

    return Setting(f"search_{name}", lambda: list(known[:first]), name, parse, "|".join)


def _whole(name: str) -> Setting[int]:
    bounds = SETTINGS[name]
    parse = whole_number(bounds.low, bounds.high)
    return Setting(f"search_{name}", lambda: int(bounds.default), name, parse)


TASK = Setting("search_task", lambda: next(iter(tasks())), "task", _trainable)
RECIPE = Setting("search_recipe", str, "recipe", of=TASK)
VARY: Setting[list[str]] = Setting(
    "search_vary", lambda: list(FIRST_VARY), "vary", _names, ",".join
)
ENDS: Mapping[str, tuple[Setting[Any], Setting[Any]]] = {
    name: (_end(name, 0), _end(name, 1)) for name in RANGES
}
CHOSEN: Mapping[str, Setting[list[str]]] = {name: _options(name) for name in OPTIONS}
SAMPLER = Setting("search_sampler", lambda: "tpe", "sampler", one_of([*SAMPLERS]))
PRUNER = Setting("search_pruner", lambda: "median", "pruner", one_of([*PRUNERS]))
OBJECTIVE = Setting("search_objective", lambda: "loss", "objective", one_of([*OBJECTIVES]))
TRIALS, PARALLEL, SEED = _whole("trials"), _whole("parallel"), _whole("seed")
MINUTES = Setting("search_minutes", lambda: 0, "minutes", whole_number(0, 10_000))
SEARCH = Setting("search_shown", str, "search")
SLICE = Setting("search_slice", str, "by")
COST = Setting("search_cost", lambda: "weights", "cost", one_of([*COST_TITLES]))
LESSON = Setting("search_lesson_on", lambda: PROBLEMS[0], "lesson", one_of(PROBLEMS))
VIEW = Setting("search_view", lambda: "history", "view", one_of([*VIEWS]))
ALL: tuple[Setting[Any], ...] = (
    TASK,
    RECIPE,
    VARY,
    *(end for ends in ENDS.values() for end in ends),
    *CHOSEN.values(),
    SAMPLER,
    PRUNER,
    OBJECTIVE,
    TRIALS,
    MINUTES,
    PARALLEL,
    SEED,
    SEARCH,
    VIEW,
    SLICE,
    COST,
    LESSON,
)


def shared() -> tuple[Setting[Any], ...]:
    """Returns the settings that belong in the page's URL now: of what varies, not of the rest."""
    unused = {
        setting
        for name in ORDER
        if name not in VARY.get()
        for setting in (ENDS[name] if name in ENDS else (CHOSEN[name],))
    }
    return tuple(setting for setting in ALL if setting not in unused)


def offered(task: Task) -> list[str]:
    """Returns the settings that may vary in a task's runs."""
    axes = len(task.input_shape)
    impossible = (FOR_PICTURES if axes != 3 else set()) | (FOR_SEQUENCES if axes != 2 else set())
    return [name for name in ORDER if name not in impossible]


def texts(task: Task) -> list[str]:
    """Returns the chosen space as `core.search.space` reads it."""
    found = []
    for name in offered(task):
        if name not in VARY.get():
            continue
        if name in ENDS:
            low, high = (write_number(end.get()) for end in ENDS[name])
            found.append(f"{name}={low}..{high}{':log' if name in LOGARITHMIC else ''}")
        else:
            found.append(f"{name}={'|'.join(CHOSEN[name].get())}")
    return found
