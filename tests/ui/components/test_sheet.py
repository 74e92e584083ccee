import pytest

from ui.components.sheet import Drawing

LINE = {"width": 20, "points": [10, 10, 50, 50]}


def message(drawing, **also):
    return {
        "drawing": {"owner": drawing.owner, "revision": 1, "strokes": [LINE], "full": []} | also
    }


def test_what_the_browser_sends_is_taken_once():
    drawing = Drawing()
    heard = drawing.heard(message(drawing))
    assert heard.revision == 1
    assert heard.strokes[0].points == ((10, 10), (50, 50))
    assert heard.heard(message(drawing, strokes=[])) is heard  # a revision stands for its strokes


@pytest.mark.parametrize(
    "wrong",
    [
        {"owner": "somebody else"},
        {"revision": None},
        {"revision": True},
        {"revision": 1.5},
        {"revision": "2"},
    ],
)
def test_a_message_of_another_session_or_none_changes_nothing(wrong):
    drawing = Drawing()
    assert drawing.heard(message(drawing, **wrong)) is drawing
    assert drawing.heard({}) is drawing
    assert drawing.heard({"drawing": "text"}) is drawing


def test_kept_drawings_are_offered_until_they_are_taken():
    drawing = Drawing()
    full = [{"id": 1, "label": 7, "strokes": [LINE]}, {"id": 2, "label": 3, "strokes": [LINE]}]
    heard = drawing.heard(message(drawing, full=full))
    assert [each.id for each in heard.kept] == [1, 2]
    taken = heard.without([1])
    assert ([each.id for each in taken.kept], taken.taken) == ([2], (1,))
    # A message that was sent before the browser heard of it repeats both.
    again = taken.heard(message(drawing, full=full, revision=2))
    assert ([each.id for each in again.kept], again.taken) == ([2], (1,))
    assert again.heard(message(drawing, full=full[1:], revision=3)).taken == ()


def test_kept_drawings_of_a_wrong_form_are_left_out():
    drawing = Drawing()
    full = [
        "text",
        {},
        {"id": "1", "label": 7, "strokes": [LINE]},
        {"id": 3, "label": 1, "strokes": []},
    ]
    assert drawing.heard(message(drawing, full=full)).kept == ()
    assert drawing.heard(message(drawing, full="text")).kept == ()
