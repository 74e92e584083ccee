"""A server for a class: what is closed without the teacher's password, and how it is opened."""

import pytest

from tests.support.app_test import app_from_function
from ui.services import server


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_PASSWORD", "correct horse")


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def give(app, attempt):
    app.text_input(key="teacher_password").set_value(attempt)
    press(app, "Unlock this browser")


def said(app):
    return "\n".join(each.value for each in (*app.error, *app.warning, *app.caption, *app.toast))


def form(title):
    """Returns what the app shows above a page, by the page's title."""

    def script(title):
        from ui.widgets.password import show_password

        show_password(title)

    return app_from_function(script, title=title).run()


def test_training_begins_only_after_the_password_was_given(open_page, submitted):
    app = open_page("train", task="seven-segment")
    person = app.session_state["visitor"]
    press(app, "Start training")
    assert "need the teacher's password" in app.error[0].value
    assert server.unguarded_runs().of(person) == []
    server.password_guard().unlock(person, "correct horse")
    press(app, "Start training")
    assert len(server.unguarded_runs().of(person)) == 1


def test_the_form_takes_the_password_and_keeps_it_nowhere(open_page, monkeypatch):
    seconds = 100.0
    monkeypatch.setattr(server.password_guard(), "_clock", lambda: seconds)
    app = form("Train")
    assert "This server is for a class" in said(app)
    give(app, "guess")
    assert "That is not the password." in said(app)
    give(app, "correct horse")
    assert "Wait 1 s" in said(app)
    seconds += 1
    give(app, "correct horse")
    assert "The teacher's password was given in this browser" in said(app)
    assert not app.text_input
    assert app.session_state["teacher_password"] == ""
    assert not dict(app.query_params)
    press(app, "Lock again")
    assert "This server is for a class" in said(app)


def test_a_sweep_says_why_it_does_not_begin(open_page, submitted):
    app = open_page("compare", task="handwritten")
    assert not app.exception
    press(app, next(b.label for b in app.button if b.label.startswith("Train")))
    assert "need the teacher's password" in said(app)
    assert server.unguarded_searches().of(app.session_state["visitor"]) == []


def test_pages_that_only_look_ask_for_nothing(open_page, monkeypatch):
    assert not form("Evaluate").caption
    server.close()
    monkeypatch.delenv("DIGIT_LAB_PASSWORD")
    assert not form("Train").caption
