import pytest

from core.errors import InvalidInput
from core.limits import Limits


def test_unset_and_empty_variables_leave_the_defaults():
    assert Limits.from_environment({}) == Limits()
    assert Limits.from_environment({"DIGIT_LAB_MAX_EPOCHS": " "}) == Limits()


def test_every_bound_can_be_set():
    environment = {
        "DIGIT_LAB_MAX_EPOCHS": "1",
        "DIGIT_LAB_MAX_PARAMETERS": "2",
        "DIGIT_LAB_MAX_EXAMPLES": "3",
        "DIGIT_LAB_MAX_RUNS": "4",
        "DIGIT_LAB_MAX_KEPT_RUNS": "5",
        "DIGIT_LAB_MAX_SAMPLES": "6",
        "DIGIT_LAB_WORKERS": "7",
    }
    assert Limits.from_environment(environment) == Limits(1, 2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "１"])
def test_anything_else_is_refused_by_name(text):
    with pytest.raises(InvalidInput, match="DIGIT_LAB_MAX_RUNS"):
        Limits.from_environment({"DIGIT_LAB_MAX_RUNS": text})
