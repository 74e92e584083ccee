"""What happens to a test when something has seen its rows before: measured, on the very table.

Takes scikit-learn, so only workers do it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.tables.comparison import Comparison, Leakage
from core.datasets.tables.description import Record
from core.datasets.tables.preparing import Chosen, Parts, choose, pipeline, split
from core.datasets.tables.reading import read_table
from core.errors import InvalidInput
from core.metrics.accuracy import Accuracy
from core.metrics.paired import PairedAnswers

MAX_ROWS = 2_000  # of the table that are looked at
CHANCE_ROWS = 150
CHANCE_COLUMNS, CHANCE_CHOSEN, CHANCE_REPEATS = 500, 10, 10
GROUP_REPEATS = 10
_ITERATIONS = 1_000

Right = NDArray[np.bool_]


def measure(record: Record, data: bytes) -> Leakage:
    """Measures what leaks do to a table's test; the same table gives the same numbers.

    Raises:
        InvalidInput: if the rows do not fit the record.
    """
    table = read_table(data, header=record.choices.header)
    chosen = choose(table, record.choices)
    parts = split(table, record.choices, chosen)
    groups = None
    if record.choices.group is not None:
        groups = _groups(record, table, chosen)
    return Leakage(
        _fitted(record, chosen, _fewer(parts, record.choices.seed)),
        _chance(len(chosen.values), record.choices.seed),
        1 / len(chosen.values),
        CHANCE_COLUMNS,
        CHANCE_CHOSEN,
        CHANCE_REPEATS,
        groups,
    )


def _fewer(parts: Parts, seed: int) -> Parts:
    """Returns no more rows than are quickly learned from."""
    generator = np.random.default_rng(seed)

    def some(places: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.sort(generator.permutation(places)[:MAX_ROWS])

    return Parts(some(parts.train), some(parts.validation), some(parts.test))


def _fitted(record: Record, chosen: Chosen, parts: Parts) -> Comparison:
    from sklearn.linear_model import LogisticRegression

    train, test = chosen.frame.iloc[parts.train], chosen.frame.iloc[parts.test]
    everything = chosen.frame.iloc[np.concatenate([parts.train, parts.validation, parts.test])]
    rights = []
    for seen in (train, everything):
        prepared = pipeline(record.choices, chosen).fit(seen)
        answers = (
            LogisticRegression(max_iter=_ITERATIONS)
            .fit(prepared.transform(train), chosen.y[parts.train])
            .predict(prepared.transform(test))
        )
        rights.append(answers == chosen.y[parts.test])
    return _comparison(rights[0], rights[1], "test rows", paired=True)


def _chance(classes: int, seed: int) -> Comparison:
    """Predicts labels that were drawn at random from columns that were drawn at random."""
    from sklearn.feature_selection import SelectKBest, f_classif
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    generator = np.random.default_rng([seed, 1])
    proper: list[Right] = []
    leaking: list[Right] = []
    for _ in range(CHANCE_REPEATS):
        labels = generator.integers(classes, size=CHANCE_ROWS)
        x = generator.standard_normal((CHANCE_ROWS, CHANCE_COLUMNS))
        train, test = train_test_split(
            np.arange(CHANCE_ROWS), test_size=0.3, random_state=int(generator.integers(2**31))
        )
        for seen, found in ((train, proper), (np.arange(CHANCE_ROWS), leaking)):
            kept = SelectKBest(f_classif, k=CHANCE_CHOSEN).fit(x[seen], labels[seen]).get_support()
            model = LogisticRegression(max_iter=_ITERATIONS).fit(x[train][:, kept], labels[train])
            found.append(model.predict(x[test][:, kept]) == labels[test])
    words = "rows of chance"
    return _comparison(np.concatenate(proper), np.concatenate(leaking), words, paired=True)


def _groups(record: Record, table: Any, chosen: Chosen) -> Comparison | None:
    """Asks the nearest neighbour, which knows what it has seen best of all."""
    from sklearn.neighbors import KNeighborsClassifier

    proper: list[Right] = []
    leaking: list[Right] = []
    loose = record.choices.model_copy(update={"group": None})
    for seed in range(GROUP_REPEATS):
        for choices, found in ((record.choices, proper), (loose, leaking)):
            try:
                parts = _fewer(split(table, choices, chosen, seed=seed), seed)
            except InvalidInput:  # a class is missing from the training part
                continue
            prepared = pipeline(choices, chosen).fit(chosen.frame.iloc[parts.train])
            model = KNeighborsClassifier(1).fit(
                prepared.transform(chosen.frame.iloc[parts.train]), chosen.y[parts.train]
            )
            answers = model.predict(prepared.transform(chosen.frame.iloc[parts.test]))
            found.append(answers == chosen.y[parts.test])
    if not proper or not leaking:
        return None
    return _comparison(
        np.concatenate(proper), np.concatenate(leaking), "test rows of several splits", paired=False
    )


def _comparison(proper: Right, leaking: Right, words: str, *, paired: bool) -> Comparison:
    one, other = (Accuracy(words, int(right.sum()), len(right)) for right in (proper, leaking))
    found = Comparison(one, other)
    if paired:
        return replace(found, pair=PairedAnswers.of_right(proper, leaking))
    return found
