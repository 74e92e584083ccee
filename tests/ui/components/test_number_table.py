import pytest

from ui.components.number_table import NumberTable

TABLE = NumberTable(((1, 2, 3), (4, 5, 6)))


def heard(rows, version=TABLE.version):
    return TABLE.heard({"table": {"version": version, "rows": rows}}, 10)


def test_the_numbers_typed_are_heard():
    assert heard([[1, 8, 0], [9, 5, 6]]).rows == ((1, 8, 0), (9, 5, 6))
    assert heard([[1, 8, 0], [9, 5, 6]]).version == TABLE.version


@pytest.mark.parametrize("state", [{}, {"table": None}, {"table": 7}, {"table": {}}, {"other": 1}])
def test_without_a_message_the_table_stays(state):
    assert TABLE.heard(state, 10) == TABLE


def test_what_was_typed_into_another_version_is_not_taken():
    assert heard([[9, 9, 9], [9, 9, 9]], version="older") == TABLE


@pytest.mark.parametrize("rows", [None, 3, [], [[1, 2, 3]], [[1, 2, 3]] * 3, "ab", {"0": [1]}])
def test_a_table_of_another_size_changes_nothing(rows):
    assert heard(rows) == TABLE


@pytest.mark.parametrize(
    ("sent", "row"),
    [
        ([99, 2, 3], (10, 2, 3)),
        ([-5, 2, 3], (0, 2, 3)),
        ([1, 2.6, 3], (1, 3, 3)),
        ([1, "many", 3], (1, 2, 3)),
        ([1, None, 3], (1, 2, 3)),
        ([1, True, 3], (1, 2, 3)),
        ([1, float("nan"), 3], (1, 2, 3)),
        ([7, 7], (1, 2, 3)),
        ("777", (1, 2, 3)),
    ],
)
def test_whatever_a_browser_sends_becomes_a_number_in_bounds(sent, row):
    assert heard([sent, [4, 5, 6]]).rows[0] == row


def test_other_numbers_are_another_version_and_the_same_are_not():
    assert TABLE.showing(TABLE.rows) is TABLE
    other = TABLE.showing(((0, 0, 0), (4, 5, 6)))
    assert other.rows[0] == (0, 0, 0)
    assert other.version != TABLE.version
