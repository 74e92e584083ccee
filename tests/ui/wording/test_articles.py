from ui.wording.articles import article


def test_an_8_has_another_article_than_the_rest():
    assert [article(digit) for digit in (1, 7, 8, "8", "3")] == [
        "a 1",
        "a 7",
        "an 8",
        "an 8",
        "a 3",
    ]
