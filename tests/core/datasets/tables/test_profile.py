"""What a table's columns are taken for, and which of them can be predicted."""

import pytest

from core.datasets.tables.profile import class_values, profile
from core.datasets.tables.reading import read_table
from core.errors import InvalidInput


def table(**columns):
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    return read_table("\n".join(lines).encode(), header=True)


N = 60
CLASSES = ["a", "b", "c"] * (N // 3)


@pytest.mark.parametrize(
    ("values", "kind", "hint"),
    [
        ([f"{n * 0.37 % 7:.2f}" for n in range(N)], "number", ""),
        (["red", "green", "blue", "red"] * (N // 4), "category", ""),
        ([""] * N, "out", "gaps"),
        (["7"] * N, "out", "constant"),
        (["same"] * N, "out", "constant"),
        (list(range(1000, 1000 + N)), "out", "id"),
        ([f"2026-01-{n % 28 + 1:02d}" for n in range(N)], "out", "date"),
        ([f"{n % 28 + 1:02d}.01.2026 12:30" for n in range(N)], "out", "date"),
        ([f"a text of row {n}" for n in range(N)], "out", "text"),
        (["1.5", "2.5", "3.5"] * (N // 3 - 1) + ["1", "2", "oops"], "number", "several kinds"),
    ],
)
def test_a_columns_kind_follows_from_its_content(values, kind, hint):
    found = profile(table(x=values, y=CLASSES)).columns[0]
    assert (found.kind, found.hint) == (kind, hint)


def test_numbers_named_as_ids_are_left_out_with_a_hint():
    shuffled = [(n * 37) % 61 + 100 for n in range(N)]
    assert profile(table(patient_id=shuffled, y=CLASSES)).columns[0].hint == "id"
    assert profile(table(weight=shuffled, y=CLASSES)).columns[0].kind == "number"


def test_text_among_numbers_is_named_with_row_column_and_text():
    values = ["1.5"] * 30 + ["x" * 99] + ["2.5"] * 29
    found = profile(table(size=values, y=CLASSES)).columns[0]
    assert found.problem.startswith("Row 32, column “size”: “xxx")
    assert len(found.problem) < 120


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["a"] * N, "every row says “a”"),
        (["a"] * (N - 1) + ["b"], "class “b” has only 1 example."),
        (["a"] * (N - 2) + ["b"] * 2, "class “b” has only 2 examples."),
        ([f"{n + 0.5}" for n in range(N)], "60 different values. At most 50 classes"),
        ([""] * N, "no values"),
        (["long" * 20, "b"] * (N // 2), "too long for the name of a class"),
    ],
)
def test_a_column_that_cannot_be_predicted_says_why(values, words):
    whole = table(x=CLASSES, y=values)
    assert words in profile(whole).columns[1].target
    with pytest.raises(InvalidInput) as raised:
        class_values(whole.columns[1])
    assert words in str(raised.value)


def test_a_table_without_any_target_is_refused():
    with pytest.raises(InvalidInput, match="No column can be predicted"):
        profile(table(x=[f"{n}.5" for n in range(N)], y=[f"{n}.7" for n in range(N)]))


def test_classes_stand_in_their_natural_order_and_the_likely_target_is_found():
    whole = table(species=["b", "a"] * (N // 2), x=["10", "9", "-1"] * (N // 3))
    assert class_values(whole.columns[0]) == ("a", "b")
    assert class_values(whole.columns[1]) == ("-1", "9", "10")
    assert profile(whole).likely_target == 0
