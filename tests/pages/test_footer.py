from tests.pages.conftest import APP
from tests.support.app_test import app_from_file
from ui.wording.next_steps import NEXT, OVERVIEW


def test_a_page_ends_with_where_to_go_on_and_what_to_do_with_it(open_page):
    app = app_from_file(APP).run()
    assert not app.exception
    assert app.subheader[-1].value == "What now?"
    steps = [words for _, _, words in NEXT["Seven segments"]]
    assert [link.proto.label for link in app.get("page_link")][-len(steps) :] == steps
    assert [b.label for b in app.button][-2:] == ["Share this page", "Start afresh"]


def test_the_link_to_share_has_what_the_page_shows(open_page):
    app = app_from_file(APP)  # `open_page` runs a page alone; this is the app around it
    app.query_params["pattern"] = "1110000"
    app.query_params["level"] = "0.2"
    app.run()
    app.button(key="share_page").click().run()
    assert not app.exception
    assert "pattern=1110000" in app.code[0].value
    assert "level=0.2" in app.code[0].value


def test_the_first_page_says_what_it_is_and_what_can_be_done(open_page):
    app = open_page("seven_segment")
    assert app.title[0].value == "Digit Lab"
    links = [link.proto.label for link in app.get("page_link")]
    assert links[: len(OVERVIEW)] == [words for _, _, words in OVERVIEW]
