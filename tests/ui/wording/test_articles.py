import pytest

from ui.wording.articles import with_article


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "a 0"),
        (1, "a 1"),
        (8, "an 8"),
        ("8", "an 8"),
        (11, "an 11"),
        (18, "an 18"),
        (70, "a 70"),
    ],
)
def test_the_article_is_the_spoken_one(number, words):
    assert with_article(number) == words
