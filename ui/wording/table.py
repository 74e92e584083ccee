"""The words of the page about a person's own table."""

from __future__ import annotations

from collections.abc import Mapping

from core.datasets.tables.applying import Values
from core.datasets.tables.comparison import Comparison, Leakage
from core.datasets.tables.description import CategoryInput, NumberInput, Record
from core.datasets.tables.profile import ColumnProfile, Hint, Kind, TableProfile
from core.datasets.tables.text import DELIMITERS, shown
from core.metrics.accuracy import Accuracy, percent
from core.text import listed
from ui.wording.mcnemar import verdict

KINDS: Mapping[Kind, str] = {"number": "number", "category": "category", "out": "left out"}
HINTS: Mapping[Hint, str] = {
    "": "",
    "gaps": "nothing but gaps",
    "constant": "the same in every row, so it tells nothing",
    "id": "looks like an id: it names rows, and the next row's is new",
    "date": "a date; split it into year, month or weekday to use it",
    "text": "free text, or too many different values",
    "several kinds": "words among the numbers",
}
SCALINGS: Mapping[str, str] = {
    "standard": "standard: mean 0, standard deviation 1",
    "min-max": "min-max: from 0 to 1",
    "none": "none: as they are",
}
GAPS: Mapping[str, str] = {
    "fill": "fill with the usual value",
    "drop": "leave the row out",
}


def table_in_short(found: TableProfile) -> str:
    """Says how a file was understood."""
    comma = "a decimal comma" if found.comma else "a decimal point"
    header = "names in the first row" if found.header else "no names"
    return (
        f"{found.rows:,} rows, {len(found.columns)} columns; {DELIMITERS[found.delimiter]}s between"
        f" the cells, {comma}, {header}."
    )


def contents(column: ColumnProfile) -> str:
    """Says what stands in a column: its range, or its most frequent values."""
    if column.low is not None and column.high is not None and column.kind != "category":
        return f"{column.low:g} to {column.high:g}"
    words = ", ".join(f"{shown(value)} ({count:,})" for value, count in column.values)
    return words + (", …" if column.different > len(column.values) else "")


def note_on(column: ColumnProfile) -> str:
    """Says what to know about a column."""
    return column.problem or HINTS[column.hint]


def row_counts(record: Record) -> str:
    """Says how a table is split."""
    rows = record.rows
    words = (
        f"**{rows.train:,}** rows to learn from, **{rows.validation:,}** to validate and"
        f" **{rows.test:,}** to test"
    )
    if rows.dropped:
        words += f"; {rows.dropped:,} left out because of gaps"
    return f"{words}."


def split_words(record: Record) -> str:
    """Says by which rule a table is split."""
    choices = record.choices
    if choices.group is not None:
        return (
            f"Rows with the same “{record.columns[choices.group]}” are all in one part"
            f" (group split, seed {choices.seed})."
        )
    if choices.stratified:
        return f"Drawn at random, each class in its share (stratified split, seed {choices.seed})."
    return f"Drawn at random (seed {choices.seed})."


def steps_of(record: Record) -> dict[str, list[str]]:
    """Returns the preparation as a table: what happens to each column of a raw row."""
    gaps, then = [], []
    for each in record.inputs:
        if isinstance(each, CategoryInput):
            gaps.append(f"becomes “{shown(each.fill)}” (most frequent)")
            names = ", ".join(shown(category) for category in each.categories)
            then.append(f"one-hot, an input for each of: {names}")
            continue
        gaps.append(f"becomes {each.fill:.6g} (median)")
        then.append(_scaled(record, each))
    return {
        "Column": [each.name for each in record.inputs],
        "A gap": gaps,
        "Then": then,
    }


def _scaled(record: Record, each: NumberInput) -> str:
    if record.choices.scaling == "none":
        return "nothing"
    if record.choices.scaling == "standard":
        return f"less {each.offset:.6g} (mean), divided by {each.factor:.6g} (standard deviation)"
    return f"times {each.factor:.6g}, plus {each.offset:.6g}: training rows get 0 to 1"


def unseen_words(record: Record, names: list[str], values: Values) -> str:
    """Says in which columns a row has what no training row had."""
    by_name = dict(zip((each.name for each in record.inputs), values, strict=True))
    parts = []
    for each in record.inputs:
        if each.name not in names:
            continue
        if isinstance(each, NumberInput):
            parts.append(
                f"{each.name} {by_name[each.name]:g} (training rows had {each.low:g} to"
                f" {each.high:g})"
            )
        else:
            parts.append(f"{each.name} “{shown(str(by_name[each.name]))}”")
    return (
        f"No training row had anything like {listed(parts)}, so the answer is a guess, however"
        " confident it looks."
    )


def leaks_table(found: Leakage) -> dict[str, list[str]]:
    """Returns the comparisons as a table."""
    rows = [
        ("Random columns chosen", found.chosen),
        ("Gaps and scaling fitted", found.fitted),
    ]
    if found.groups is not None:
        rows.append(("Split, groups kept together or not", found.groups))
    return {
        "": [title for title, _ in rows],
        "Done properly": [_share(comparison.proper) for _, comparison in rows],
        "With the leak": [_share(comparison.leaking) for _, comparison in rows],
    }


def _share(accuracy: Accuracy) -> str:
    low, high = accuracy.interval
    return f"{percent(accuracy.value, 1)} ({percent(low, 1)} to {percent(high, 1)})"


def chosen_words(found: Leakage) -> str:
    """Explains the experiment with columns of chance."""
    return (
        f"**Nothing to learn, and yet it looks so.** The computer drew {found.columns} columns and"
        f" as many classes as your table has, all at random: whoever answers can only guess, and is"
        f" right {percent(found.guessing, 1)} of the time, exactly. Then it kept the {found.kept}"
        " columns that go best with the classes and trained a linear model on them. Where the"
        f" training rows chose, it is right on {percent(found.chosen.proper.value, 1)} of the test"
        f" rows; where **all rows** chose, on **{percent(found.chosen.leaking.value, 1)}**. Nothing"
        f" was learned there: the test rows had helped to choose. ({found.repeats} repeats.)"
    )


def fitted_words(comparison: Comparison) -> str:
    """Says what fitting gaps and scaling on all rows does to this table."""
    assert comparison.pair is not None
    words = (
        "**Gaps and scaling, on your table.** The median, the mean and the spread may come from the"
        " training rows alone, or (a mistake) from all rows."
    )
    if comparison.pair.disputed == 0:
        return (
            f"{words} Here it makes no difference: a linear model is right on"
            f" {comparison.proper.correct:,} of {comparison.proper.total:,} test rows either way,"
            " the same ones. A few means leak little. It is done properly all the same, as nobody"
            " knows beforehand how much leaks."
        )
    return f"{words} {verdict(comparison.pair, 'the proper way', 'the leaking way')}"


def groups_words(comparison: Comparison, name: str) -> str:
    """Says what a split that ignores groups does to this table."""
    gained = comparison.leaking.value - comparison.proper.value
    one, other = percent(comparison.proper.value, 1), percent(comparison.leaking.value, 1)
    words = (
        f"**Groups, on your table.** Each test row was given the class of the training row nearest"
        f" to it. With every “{name}” in one part only, that is right for {one}; with rows drawn"
        f" regardless of “{name}”, for {other}."
    )
    apart = comparison.leaking.interval[0] > comparison.proper.interval[1]
    if gained > 0 and apart:
        return (
            f"{words} The second number is what a careless split would promise. For a new"
            f" “{name}”, expect the first."
        )
    return f"{words} On this table the two hardly differ; one could not know before."
