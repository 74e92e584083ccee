import pytest

from ui.widgets.number_table import edited

TABLE = ((1, 2, 3), (4, 5, 6))
COLUMNS = "abc"


def test_changes_are_put_into_the_table():
    state = {"edited_rows": {1: {"a": 9}, 0: {"c": 0, "b": 8}}}
    assert edited(TABLE, state, COLUMNS, 10) == ((1, 8, 0), (9, 5, 6))
    assert TABLE == ((1, 2, 3), (4, 5, 6))


@pytest.mark.parametrize("state", [{}, {"edited_rows": {}}, {"edited_rows": None}, {"other": 1}])
def test_without_changes_the_table_stays(state):
    assert edited(TABLE, state, COLUMNS, 10) == TABLE


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        ({"a": 99}, (10, 2, 3)),
        ({"a": -5}, (0, 2, 3)),
        ({"b": 2.6}, (1, 3, 3)),
        ({"b": "many"}, (1, 2, 3)),
        ({"b": None}, (1, 2, 3)),
        ({"b": float("nan")}, (1, 2, 3)),
        ({"heading": 7, "z": 7}, (1, 2, 3)),
    ],
)
def test_whatever_a_browser_sends_becomes_a_number_in_bounds(cells, row):
    assert edited(TABLE, {"edited_rows": {"0": cells}}, COLUMNS, 10)[0] == row


def test_rows_that_are_not_there_are_left_out():
    assert edited(TABLE, {"edited_rows": {7: {"a": 1}, -1: {"a": 1}}}, COLUMNS, 10) == TABLE
