from ui.wording.articles import article, class_name


def test_an_8_has_another_article_than_the_rest():
    assert [article(digit) for digit in (1, 7, 8, "8", "3")] == [
        "a 1",
        "a 7",
        "an 8",
        "an 8",
        "a 3",
    ]


def test_signs_have_their_names_by_label_and_by_class():
    assert [article(sign) for sign in (10, "sign A")] == ["your sign A"] * 2
    assert article(11) == "your sign B"
    assert [class_name(label) for label in (0, 9, 10, 11)] == ["0", "9", "sign A", "sign B"]
