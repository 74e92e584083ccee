"""Making an ensemble of saved networks, measured as a network is measured after training."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.calibration import Calibration, calibrate
from core.ensemble import MAX_MEMBERS, Ensemble, check_vote
from core.errors import InvalidInput
from core.metrics import accuracy_of
from core.store import SavedModel


def ensemble_card(
    members: Sequence[SavedModel], *, vote: str, shifts: bool = False
) -> dict[str, Any]:
    """Returns the card of an ensemble, ready for `ModelStore.save`.

    Calibration comes from the validation data, figures from the test data, of the data set that
    the first member was trained on.

    Args:
        members: networks of one task, two or more.
        vote: one of `core.ensemble.VOTES`.
        shifts: whether each network looks five times, see `core.ensemble.shifted`. Defaults to
            False.

    Raises:
        InvalidInput: if they cannot vote together.
        DataUnavailable: if the data set is not there.
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
    source = members[0].card["source"]
    dataset = problem.source(source).load(None, 0.0, int(members[0].card["seed"]))
    readers = [member.predictor() for member in members]
    if shifts and len(problem.input_shape) != 3:
        raise InvalidInput(f"{problem.title} are not pictures: they cannot be moved.")
    bare = Ensemble(readers, vote=vote, shifts=shifts)
    calibration = (
        calibrate(bare.predict, dataset.validation, dataset.tests, problem.strangers())
        if problem.strangers is not None
        else Calibration()
    )
    return {
        "task": problem.name,
        "source": source,
        "vote": vote,
        "shifts": shifts,
        "members": [{"name": member.name, "version": member.version} for member in members],
        "figures": [
            accuracy_of(bare.predict(split.x), split, data=words).to_json()
            for words, split in dataset.tests.items()
        ],
        "calibration": calibration.to_json(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"python -m core ensemble {' '.join(names)} --vote {vote}"
        + " --shifts" * shifts,
    }
