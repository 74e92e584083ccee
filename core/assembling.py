"""Making an ensemble of saved networks, measured as a network is measured after training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.calibration import Calibration, calibrate_answers
from core.data import Inputs
from core.ensemble import (
    MAX_MEMBERS,
    best_weights,
    check_vote,
    check_weights,
    looks_of,
    vote_of,
)
from core.errors import InvalidInput
from core.inference import Reader
from core.metrics import Accuracy, accuracy_of
from core.store import SavedModel
from core.task import Task

PORTION = 1_000
# `(member, examples asked, examples in all)`: name of the member that answers, and how far it is.
OnProgress = Callable[[str, int, int], None]


def check_members(
    members: Sequence[SavedModel], *, vote: str, weights: Sequence[float] = (), shifts: bool = False
) -> Task:
    """Returns the task of networks that can vote together, or raises InvalidInput saying why not.

    Args:
        members: the networks.
        vote: one of `core.ensemble.VOTES`.
        weights: one for each, for the weighted vote only. Defaults to none.
        shifts: whether each looks five times. Defaults to False.
    """
    check_vote(vote)
    names = [member.name for member in members]
    if not 2 <= len(set(names)) <= MAX_MEMBERS or len(set(names)) < len(names):
        raise InvalidInput(f"An ensemble needs 2 to {MAX_MEMBERS} different networks.")
    problem = members[0].task
    for member in members:
        if member.is_ensemble or member.task is not problem:
            raise InvalidInput(
                f"{member.name} cannot vote here: it is an ensemble, or reads others."
            )
    if weights:
        if vote != "weighted":
            raise InvalidInput("Weights go with the weighted vote only.")
        check_weights(weights, len(members))
    if shifts and len(problem.input_shape) != 3:
        raise InvalidInput(f"{problem.title} are not pictures: they cannot be moved.")
    return problem


def ensemble_card(
    members: Sequence[SavedModel],
    *,
    vote: str,
    weights: Sequence[float] = (),
    shifts: bool = False,
    source: str = "",
    on_progress: OnProgress = lambda member, asked, total: None,
) -> dict[str, Any]:
    """Returns the card of an ensemble, ready for `ModelStore.save`.

    Weights and calibration come from the validation data, figures from the test data, with the
    noise on it that the first member was trained on.

    Args:
        members: networks of one task, two or more.
        vote: one of `core.ensemble.VOTES`.
        weights: one for each member, for the weighted vote. Defaults to those that fit the
            validation data best.
        shifts: whether each network looks five times, see `core.ensemble.shifted`. Defaults to
            False.
        source: name of the data set. Defaults to that which the first member was trained on.
        on_progress: told who answers and how far the asking is, before each portion.

    Returns:
        The card. Its entry "alone" holds each member's own figures on the same test data.

    Raises:
        InvalidInput: if they cannot vote together.
        DataUnavailable: if the data set is not there.
        ModelUnusable: if a member's file is gone or damaged.
    """
    problem = check_members(members, vote=vote, weights=weights, shifts=shifts)
    first, names = members[0], [member.name for member in members]
    readers = {member.name: member.predictor() for member in members}
    dataset = first.held_out(source)
    validation, tests = dataset.validation, dataset.tests
    strangers = problem.strangers() if problem.strangers is not None else {}
    inputs = [validation.x, *(split.x for split in tests.values()), *strangers.values()]
    asked = _ask(readers, inputs, shifts, on_progress)
    if vote == "weighted" and not weights:
        weights = best_weights(asked[0].mean(axis=1), validation.y)
    weights = check_weights(weights, len(members)) if weights else ()
    voted, *rest = (vote_of(looks.mean(axis=1), vote, weights) for looks in asked)
    of_tests = dict(zip(tests, rest, strict=False))
    calibration = (
        calibrate_answers(
            (voted, validation.y),
            {words: (of_tests[words], split.y) for words, split in tests.items()},
            dict(zip(strangers, rest[len(tests) :], strict=True)),
        )
        if strangers
        else Calibration()
    )

    def figures(answers: Iterable[NDArray[np.float32]]) -> list[dict[str, Any]]:
        return [
            accuracy_of(each, split, data=words).to_json()
            for each, (words, split) in zip(answers, tests.items(), strict=True)
        ]

    of_members = asked[1 : 1 + len(tests)]
    options = [f"--vote {vote}"]
    if weights:
        options.append(f"--weights {','.join(f'{weight:g}' for weight in weights)}")
    if shifts:
        options.append("--shifts")
    if source not in ("", first.card["source"]):
        options.append(f"--data {source}")
    return {
        "task": problem.name,
        "source": source or first.card["source"],
        "noise": first.card.get("noise", "none"),
        "noise_level": first.card.get("noise_level", 0.0),
        "seed": first.card.get("seed", 0),
        "vote": vote,
        **({"weights": list(weights)} if weights else {}),
        "shifts": shifts,
        "members": [{"name": member.name, "version": member.version} for member in members],
        "figures": figures(of_tests.values()),
        "alone": {
            name: figures(looks[place, 0] for looks in of_members)
            for place, name in enumerate(names)
        },
        "calibration": calibration.to_json(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"python -m core ensemble {' '.join(names)} {' '.join(options)}",
    }


def verdict(together: Accuracy, alone: Mapping[str, Accuracy]) -> str:
    """Says in a sentence or two whether voting has paid.

    Two shares are called different only where their intervals do not overlap; as all read the
    same examples, that is on the careful side.

    Args:
        together: of the ensemble.
        alone: of each member on the same examples, by its name.
    """
    name, best = max(alone.items(), key=lambda item: item[1].correct)
    more = together.correct - best.correct
    if more == 0:
        return f"Together they are right exactly as often as the best of them alone, {name}."
    found = f"Together they are right on {abs(more):,} {'more' if more > 0 else 'fewer'} of"
    found += f" {together.total:,} than the best of them alone, {name}."
    (low, high), (best_low, best_high) = together.interval, best.interval
    if low <= best_high and best_low <= high:
        return f"{found} But the two ranges overlap, so it may be luck."
    return f"{found} That is no accident: the two ranges do not overlap."


def _ask(
    readers: Mapping[str, Reader],
    inputs: Sequence[Inputs],
    shifts: bool,
    on_progress: OnProgress,
) -> list[NDArray[np.float32]]:
    """Asks every network everything, in portions small enough to tell of.

    Returns:
        For each of the inputs float32, shape (members, looks, n, classes).
    """
    total = len(readers) * sum(map(len, inputs))
    done = 0
    asked: list[list[NDArray[np.float32]]] = [[] for _ in inputs]
    for name, reader in readers.items():
        for place, x in enumerate(inputs):
            parts = []
            for start in range(0, len(x), PORTION):
                on_progress(name, done, total)
                parts.append(looks_of(reader, x[start : start + PORTION], shifts=shifts))
                done += len(parts[-1][0])
            asked[place].append(np.concatenate(parts, axis=1))
    return [np.stack(each) for each in asked]
