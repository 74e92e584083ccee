import pytest

from ui.wording.phrases import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("There is no model “mine-2” here. There is: flip.", None),
        ("a_name of 3 (or 4)", None),
        ("**bold** _slanted_", r"\*\*bold\*\* \_slanted_"),
        ("$x$ and `code`", r"\$x\$ and \`code\`"),
        (":red[loud] :material/add:", r"\:red\[loud\] \:material/add:"),
        ("![a](http://b) <b>", r"!\[a\](http\://b) \<b>"),
    ],
)
def test_what_came_from_outside_is_no_markdown(text, shown):
    assert plain(text) == (text if shown is None else shown)
