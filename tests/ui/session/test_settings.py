"""What a link sets, and what goes back to its first value when something else changes."""

from streamlit.testing.v1 import AppTest

from tests.support.app_test import app_from_function


def page() -> None:
    """A page with a task, a model that belongs to it, and a level that does not."""
    import streamlit as st

    from ui.session.settings import Setting, note, number, restore, share, start_over

    task = Setting("task", lambda: "digits", "task")
    model = Setting("model", lambda: "first", "model", of=task)
    level = Setting("level", lambda: 0.5, "level", number(0, 1))
    size = Setting("size", lambda: 0.5, "size", number(0, 1))
    settings = (task, model, level, size)

    if st.session_state.pop("leave", False):
        st.session_state["entered_page"] = "another"
    restore("page", settings)
    if st.session_state.pop("gone", False):
        note("It is gone.")
        model.set("another")
    st.button("Change", on_click=start_over, args=(task, settings))
    st.text(f"{task.get()} {model.get()} {level.get()}")
    share(settings)


def visit(app: AppTest, **parameters: str) -> str:
    """Comes to the page by a link and returns what it shows."""
    app.session_state["leave"] = True
    app.query_params.clear()
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return str(app.text[0].value)


def test_a_link_to_another_task_forgets_what_belonged_to_the_task_before():
    app = app_from_function(page)
    assert visit(app, model="large", level="0.2") == "digits large 0.2"
    assert visit(app, level="0.3") == "digits large 0.3"
    assert visit(app, task="letters") == "letters first 0.3"
    assert visit(app, task="digits", model="small") == "digits small 0.3"
    assert visit(app, task="digits") == "digits small 0.3"


def test_an_empty_value_in_a_link_is_the_first_one():
    app = app_from_function(page)
    assert visit(app, model="", level="") == "digits first 0.5"
    assert not app.warning


def test_a_wrong_value_is_named_and_changes_nothing():
    app = app_from_function(page)
    assert visit(app, model="large", level="2") == "digits large 0.5"
    assert "“level” was not used. 2 is not between 0 and 1." in app.warning[0].value


def test_several_wrong_values_share_one_note():
    app = app_from_function(page)
    visit(app, level="2", size="3")
    assert [each.value for each in app.warning] == [
        "Of the link, “level” and “size” were not used: their values do not fit."
    ]


def test_a_note_stays_until_something_is_set():
    app = app_from_function(page)
    visit(app, model="large", level="2")
    app.run()  # as when something that the page waited for has come
    assert len(app.warning) == 1
    app.button[0].click().run()
    app.run()
    assert not app.warning


def test_a_change_on_the_page_forgets_what_belongs_to_it():
    app = app_from_function(page)
    assert visit(app, model="large", level="0.2") == "digits large 0.2"
    app.button[0].click().run()
    assert app.text[0].value == "digits first 0.2"


def test_a_note_of_what_was_set_right_stays_as_well():
    app = app_from_function(page)
    visit(app, model="large")
    app.session_state["gone"] = True
    app.run()
    app.run()
    assert app.text[0].value == "digits another 0.5"
    assert [warning.value for warning in app.warning] == ["It is gone."]
    app.button[0].click().run()
    app.run()
    assert not app.warning
