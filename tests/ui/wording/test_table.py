"""The words of the page about a person's own table."""

import dataclasses

from core.datasets.tables.comparison import Comparison, Leakage
from core.metrics.accuracy import Accuracy
from core.metrics.paired import PairedAnswers
from tests.support.tables import fruit, record_of
from ui.wording.phrases import plain
from ui.wording.table import (
    fitted_words,
    groups_words,
    leaks_table,
    split_words,
    steps_of,
    unseen_words,
)

DATA = fruit()


def compared(proper, leaking, total=100):
    return Comparison(Accuracy("rows", proper, total), Accuracy("rows", leaking, total))


def test_what_leaks_do_is_said_as_it_was_measured():
    pair = PairedAnswers(90, 0, 0, 10)
    same = Comparison(Accuracy("rows", 90, 100), Accuracy("rows", 90, 100), pair)
    assert "the same 90 of 100 test rows right" in fitted_words(same)
    other = Comparison(same.proper, Accuracy("rows", 95, 100), PairedAnswers(88, 2, 7, 3))
    assert "may well be luck" in fitted_words(other)
    assert "For a new “tree”, expect the first." in groups_words(compared(40, 90), "tree")
    assert "the two are close" in groups_words(compared(88, 90), "tree")
    found = Leakage(same, compared(33, 60), 1 / 3, 500, 10, 10, compared(40, 90))
    assert [len(column) for column in leaks_table(found).values()] == [3, 3, 3]
    assert leaks_table(found)["With the leak"][2] == "90.0 %"
    assert leaks_table(found)["Done properly"][1] == "90.0 %"  # rows of a group are alike
    alone = dataclasses.replace(found, groups=None)
    assert leaks_table(alone)["Done properly"][1] == "90.0 % (82.6 % to 94.5 %)"


def test_each_step_of_the_preparation_is_said_with_its_numbers():
    for scaling, words in (("standard", "(mean)"), ("min-max", "0 to 1"), ("none", "nothing")):
        record = record_of(DATA, scaling=scaling)
        steps = steps_of(record)
        assert steps["Column"] == ["größe", "gewicht", "farbe"]
        assert words in steps["Then"][0]
        assert steps["Then"][2].endswith("gelb, grün, rot")
    assert "group split" not in split_words(record)


def test_a_row_unlike_all_training_rows_is_no_safe_ground():
    record = record_of(DATA)
    words = unseen_words(record, ["größe", "farbe"], [99.0, None, "<b>blau</b>"])
    assert words.startswith("No training row came near größe 99 (training rows: ")
    assert "farbe “‹b›blau‹/b›”" in plain(words)
