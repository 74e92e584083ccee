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
    "id": "looks like an id, which tells nothing about a new row",
    "date": "a date; split it into year, month or weekday to use it",
    "text": "free text, or too many different values",
    "several kinds": "words among the numbers",
}
SCALINGS: Mapping[str, str] = {
    "standard": "standard: mean 0, standard deviation 1",
    "min-max": "min-max: from 0 to 1",
    "none": "none: as they are",
}
CLEAR_GAIN = 0.05  # of a split that ignores groups
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


def hands_words(record: Record) -> str:
    """Says that a row's landmarks are moved and scaled first; nothing where it has none."""
    if not record.choices.hands:
        return ""
    return "First the hand's wrist is moved to the middle, and the hand scaled to one size. "


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
    sign = "less" if each.offset < 0 else "plus"
    return f"times {each.factor:.6g}, {sign} {abs(each.offset):.6g}: training rows get 0 to 1"


def unseen_words(record: Record, names: list[str], values: Values) -> str:
    """Says in which columns a row has what no training row had."""
    by_name = dict(zip((each.name for each in record.inputs), values, strict=True))
    parts = []
    for each in record.inputs:
        if each.name not in names:
            continue
        if isinstance(each, NumberInput):
            parts.append(
                f"{each.name} {by_name[each.name]:g} (training rows: {each.low:g} to {each.high:g})"
            )
        else:
            parts.append(f"{each.name} “{shown(str(by_name[each.name]))}”")
    return (
        f"No training row came near {listed(parts)}. The answer is a guess, however confident it"
        " looks."
    )


def leaks_table(found: Leakage) -> dict[str, list[str]]:
    """Returns the comparisons as a table."""
    rows = {
        "Choosing among random columns": [
            _share(found.chosen.proper),
            _share(found.chosen.leaking),
        ],
        "Fitting gaps and scaling": [_share(found.fitted.proper), _share(found.fitted.leaking)],
    }
    if found.groups is not None:
        # Rows of a group are alike, and the splits share rows: no interval would be right.
        rows["Fitting gaps and scaling"] = [
            percent(each.value, 1) for each in (found.fitted.proper, found.fitted.leaking)
        ]
        rows["Splitting the groups"] = [
            percent(each.value, 1) for each in (found.groups.proper, found.groups.leaking)
        ]
    return {
        "": list(rows),
        "Done properly": [cells[0] for cells in rows.values()],
        "With the leak": [cells[1] for cells in rows.values()],
    }


def _share(accuracy: Accuracy) -> str:
    low, high = accuracy.interval
    return f"{percent(accuracy.value, 1)} ({percent(low, 1)} to {percent(high, 1)})"


def chosen_words(found: Leakage) -> str:
    """Explains the experiment with columns of chance."""
    return (
        f"**Nothing to learn, yet it seems to work.** All of this was drawn at random:"
        f" {found.columns} columns, and as many classes as your table has. Any answer is a guess,"
        f" right {percent(found.guessing, 1)} of the time in the long run. The computer then kept"
        f" the {found.kept} columns that fit the classes best and trained a linear model on them."
        " When it picked them by the training rows, the model got"
        f" {percent(found.chosen.proper.value, 1)} of the test rows right. When it picked them by"
        f" **all rows**, it got **{percent(found.chosen.leaking.value, 1)}**. It had learned"
        " nothing: the test rows had a say in the choice."
        f" ({found.repeats} repeats.)"
    )


def fitted_words(comparison: Comparison) -> str:
    """Says what fitting gaps and scaling on all rows does to this table."""
    assert comparison.pair is not None
    words = (
        "**Gaps and scaling, on your table.** Medians, means and spreads should come from the"
        " training rows alone."
    )
    if comparison.pair.disputed == 0:
        return (
            f"{words} Taken from all rows (a mistake), they change nothing here: a linear model"
            f" gets the same {comparison.proper.correct:,} of {comparison.proper.total:,} test rows"
            " right. A few means leak little. But nobody can know that beforehand, so Digit Lab"
            " always does it properly."
        )
    return f"{words} {verdict(comparison.pair, 'the proper way', 'the leaking way')}"


def groups_words(comparison: Comparison, name: str) -> str:
    """Says what a split that ignores groups does to this table.

    Args:
        comparison: what was measured.
        name: of the column of groups, as Markdown.
    """
    one, other = percent(comparison.proper.value, 1), percent(comparison.leaking.value, 1)
    words = (
        "**Groups, on your table.** Give each test row the class of the training row nearest to"
        f" it. With every “{name}” in one part only, {one} of the answers are right. With the rows"
        f" split regardless of “{name}”, it is {other}. (Both over several splits.)"
    )
    if comparison.leaking.value - comparison.proper.value >= CLEAR_GAIN:
        return (
            f"{words} The second number is what a careless split would promise. For a new"
            f" “{name}”, expect the first."
        )
    return f"{words} On this table the two are close, but nobody can know that beforehand."
