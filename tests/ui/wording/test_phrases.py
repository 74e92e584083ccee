import numpy as np
import pytest

from ui.wording.phrases import plain, worst_pair


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("There is no model “mine-2” here. There is: flip.", None),
        ("a_name of 3 (or 4)", None),
        ("**bold** _slanted_", r"\*\*bold\*\* \_slanted_"),
        ("$x$ and `code`", r"\$x\$ and \`code\`"),
        (":red[loud] :material/add:", r"\:red\[loud\] \:material/add:"),
        ("two\n\n# lines\n- of it", "two # lines - of it"),
        ("# one", r"\# one"),
        ("> two", r"\> two"),
        ("- three", r"\- three"),
        ("4. four", r"4\. four"),
        ("4.5 % of it - more than # 3", None),
        ("![a](http://b) <b>", "!\\[a\\](http:\u2060//b) \\<b>"),
        ("www.b.example or a@b.example", "www\u2060.b.example or a@\u2060b.example"),
    ],
)
def test_what_came_from_outside_is_no_markdown(text, shown):
    assert plain(text) == (text if shown is None else shown)


def test_the_worst_confusion_is_told():
    matrix = np.eye(3)
    assert worst_pair(matrix, "012") == "No digit is mistaken for another."
    matrix[1] = [0.1, 0.6, 0.3]
    assert worst_pair(matrix, "012") == (
        "The most common mistake: 30.0 % of all **1**s are read as **2**."
    )
    matrix[:] = [0.9, 0.1, 0]
    assert worst_pair(matrix, "012") == (
        "Every digit is read as **0** at least 90.0 % of the time."
    )
    matrix[:] = [1, 0, 0]
    assert worst_pair(matrix, "012") == "Every digit is read as **0**."
