"""Making an ensemble of saved networks, measured as a network is measured after training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.errors import InvalidInput
from core.inference.calibration import CALIBRATION, Calibration, calibrate_answers
from core.inference.ensemble import (
    MAX_MEMBERS,
    best_weights,
    check_vote,
    check_weights,
    predict_augmented,
    vote_of,
)
from core.inference.predictor import Classifier
from core.metrics.accuracy import FIGURES, Accuracy, accuracy_of
from core.metrics.paired import PAIRS, PairedAnswers
from core.models.loader import load_classifier
from core.models.saved_model import SavedModel
from core.schema import dump
from core.tasks.base import Task
from core.training.card import EnsembleCard, parse_card

PORTION = 1_000
# `(member, examples asked, examples in all)`: name of the member that answers, and how far it is.
OnProgress = Callable[[str, int, int], None]


def check_members(
    members: Sequence[SavedModel],
    *,
    vote: str,
    weights: Sequence[float] = (),
    test_time_augmentation: bool = False,
) -> Task:
    """Returns the task of networks that can vote together, or raises InvalidInput saying why not.

    Args:
        members: the networks.
        vote: one of `core.inference.ensemble.VOTES`.
        weights: one for each, for the weighted vote only. Defaults to none.
        test_time_augmentation: whether each sees five shifted copies. Defaults to False.
    """
    check_vote(vote)
    names = [member.name for member in members]
    if not 2 <= len(set(names)) <= MAX_MEMBERS or len(set(names)) < len(names):
        raise InvalidInput(f"An ensemble needs 2 to {MAX_MEMBERS} different networks.")
    task = members[0].task
    for member in members:
        if member.is_ensemble or member.task.name != task.name:
            raise InvalidInput(
                f"{member.name} cannot vote here: it is an ensemble, or reads others."
            )
    if weights:
        if vote != "weighted":
            raise InvalidInput("Weights go with the weighted vote only.")
        check_weights(weights, len(members))
    if test_time_augmentation and len(task.input_shape) != 3:
        raise InvalidInput(f"{task.title} are not pictures: they cannot be moved.")
    return task


def ensemble_card(
    members: Sequence[SavedModel],
    *,
    vote: str,
    weights: Sequence[float] = (),
    test_time_augmentation: bool = False,
    source: str = "",
    on_progress: OnProgress = lambda member, asked, total: None,
) -> EnsembleCard:
    """Returns the card of an ensemble, ready for `ModelStore.save`.

    Weights and calibration come from the validation data, figures from the test data, with the
    noise on it that the first member was trained on.

    Args:
        members: networks of one task, two or more.
        vote: one of `core.inference.ensemble.VOTES`.
        weights: one for each member, for the weighted vote. Defaults to those that fit the
            validation data best.
        test_time_augmentation: whether each network sees five shifted copies, see
            `core.inference.ensemble.shifted`.
            Defaults to False.
        source: name of the data set. Defaults to that which the first member was trained on.
        on_progress: told who answers and how far the asking is, before each portion.

    Returns:
        The card. Its entry "alone" holds each member's own figures on the same test data, and
        "pairs" on how many of these examples only the ensemble or only that member is right.

    Raises:
        InvalidInput: if they cannot vote together.
        DataUnavailable: if the data set is not there.
        ModelUnusable: if a member's file is gone or damaged.
    """
    task = check_members(
        members, vote=vote, weights=weights, test_time_augmentation=test_time_augmentation
    )
    first, names = members[0], [member.name for member in members]
    classifiers = {member.name: load_classifier(member) for member in members}
    dataset = first.held_out(source)
    validation, tests = dataset.validation, dataset.tests
    out_of_distribution = task.out_of_distribution() if task.out_of_distribution is not None else {}
    inputs = [validation.x, *(split.x for split in tests.values()), *out_of_distribution.values()]
    asked = _ask(classifiers, inputs, test_time_augmentation, on_progress)
    if vote == "weighted" and not weights:
        weights = best_weights(asked[0].mean(axis=1), validation.y)
    weights = check_weights(weights, len(members)) if weights else ()
    voted, *rest = (vote_of(looks.mean(axis=1), vote, weights) for looks in asked)
    of_tests = dict(zip(tests, rest, strict=False))
    calibration = (
        calibrate_answers(
            (voted, validation.y),
            {words: (of_tests[words], split.y) for words, split in tests.items()},
            dict(zip(out_of_distribution, rest[len(tests) :], strict=True)),
        )
        if out_of_distribution
        else Calibration()
    )

    def figures(answers: Iterable[NDArray[np.float32]]) -> Any:
        measured = [
            accuracy_of(each, split, data=words)
            for each, (words, split) in zip(answers, tests.items(), strict=True)
        ]
        return dump(FIGURES, measured)

    def pairs(answers: Iterable[NDArray[np.float32]]) -> Any:
        found = [
            PairedAnswers.of_right(
                together.argmax(axis=1) == split.y,
                each.argmax(axis=1) == split.y,
                exhaustive=split.exhaustive,
            )
            for together, each, split in zip(
                of_tests.values(), answers, tests.values(), strict=True
            )
        ]
        return dump(PAIRS, found)

    of_members = asked[1 : 1 + len(tests)]
    options = [f"--vote {vote}"]
    if weights:
        options.append(f"--weights {','.join(f'{weight:g}' for weight in weights)}")
    if test_time_augmentation:
        options.append("--shifts")
    if source not in ("", first.card.source):
        options.append(f"--data {source}")
    card = parse_card(
        {
            "task": task.name,
            **({"table": task.table.entries} if task.table else {}),
            "source": source or first.card.source,
            "noise": first.card.noise,
            "noise_level": first.card.noise_level,
            "seed": first.card.seed,
            "vote": vote,
            **({"weights": list(weights)} if weights else {}),
            "shifts": test_time_augmentation,
            "members": [{"name": member.name, "version": member.version} for member in members],
            "figures": figures(of_tests.values()),
            "alone": {
                name: figures(looks[place, 0] for looks in of_members)
                for place, name in enumerate(names)
            },
            "pairs": {
                name: pairs(looks[place, 0] for looks in of_members)
                for place, name in enumerate(names)
            },
            "calibration": dump(CALIBRATION, calibration),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": f"python -m core ensemble {' '.join(names)} {' '.join(options)}",
        }
    )
    assert isinstance(card, EnsembleCard)
    return card


@dataclass(frozen=True)
class VotingGain:
    """What voting has gained over the best member alone.

    Args:
        best: name of that member.
        more: examples that the ensemble reads correctly beyond those of the best; below 0 if fewer.
        total: how many examples there are.
        pair: the ensemble, first, and that member on the same examples; None on cards made before
            it was counted.
    """

    best: str
    more: int
    total: int
    pair: PairedAnswers | None = None

    @classmethod
    def of(
        cls,
        together: Accuracy,
        alone: Mapping[str, Accuracy],
        pairs: Mapping[str, PairedAnswers] | None = None,
    ) -> VotingGain:
        """Compares an ensemble with the best of its members.

        Args:
            together: of the ensemble.
            alone: of each member on the same examples, by its name.
            pairs: the ensemble, first, and each member, by its name. Defaults to unknown.
        """
        name, best = max(alone.items(), key=lambda item: item[1].correct)
        more = together.correct - best.correct
        return cls(name, more, together.total, (pairs or {}).get(name))


def _ask(
    classifiers: Mapping[str, Classifier],
    inputs: Sequence[Inputs],
    test_time_augmentation: bool,
    on_progress: OnProgress,
) -> list[NDArray[np.float32]]:
    """Asks every network everything, in portions small enough to tell of.

    Returns:
        For each of the inputs float32, shape (members, looks, n, classes).
    """
    total = len(classifiers) * sum(map(len, inputs))
    done = 0
    asked: list[list[NDArray[np.float32]]] = [[] for _ in inputs]
    for name, classifier in classifiers.items():
        for place, x in enumerate(inputs):
            parts = []
            for start in range(0, len(x), PORTION):
                on_progress(name, done, total)
                parts.append(
                    predict_augmented(
                        classifier,
                        x[start : start + PORTION],
                        test_time_augmentation=test_time_augmentation,
                    )
                )
                done += len(parts[-1][0])
            asked[place].append(np.concatenate(parts, axis=1))
    return [np.stack(each) for each in asked]
