"""What Python makes of the clicks that the browser has counted."""

import pytest

from ui.components.stepper import MAX_STEPS, Steps


def sent(steps: object, owner: str = "me") -> dict[str, object]:
    return {"count": {"owner": owner, "steps": steps}}


def test_every_click_counts_once():
    steps = Steps(owner="me")
    for count in (1, 4, 4, -2):
        steps = steps.heard(sent(count))
        assert steps.count == count


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"count": 3},
        {"count": {"steps": 3}},
        sent(3, owner="a session that is gone"),
        sent("3"),
        sent(True),
        sent(2.0),
        sent(None),
        sent(7 + MAX_STEPS),
    ],
)
def test_what_is_no_count_for_this_session_changes_nothing(state):
    known = Steps(count=5, owner="me")
    assert known.heard(state) == known
