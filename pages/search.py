"""Lesson 3, continued: the computer looks for better settings."""

import streamlit as st

from core.errors import DigitLabError, NoSuchSearch
from core.search.info import SearchInfo
from ui.search.form import search_form, start
from ui.search.lesson import show_lesson
from ui.search.settings import ALL as SETTINGS
from ui.search.settings import SEARCH, shared
from ui.search.top import PLACE, ask_for_top, show_top
from ui.search.view import offer_deleting, show_search, show_space, show_why
from ui.services import server
from ui.session.settings import note, restore, share
from ui.session.state import Key
from ui.session.visitor import local_time, visitor
from ui.wording.phrases import plain

# What a button asked for. The page does it at the start of its next run, before it has widgets.
_OPEN: Key[str] = Key("search_to_open", str)
STYLE = """
<style>
.stMain h1 { font-size: 1.75rem; padding: 0.25rem 0; }
/* Room for what is mostly said: nothing below moves as it changes. */
.st-key-search_best { min-height: 5.5rem; }
.st-key-search_in_view { scroll-margin-top: 4.5rem; }
@media (max-width: 640px) {
  .stMain h1 { font-size: 1.25rem; }
  .st-key-search_best { min-height: 9rem; }
  /* Once there is a search, what comes of it stands first. */
  .st-key-search_going > * > [data-testid=stHorizontalBlock] {
    flex-direction: column-reverse; flex-wrap: nowrap; }
}
</style>
"""


def open_search(mine: list[SearchInfo]) -> SearchInfo | None:
    """Returns the search to show: the one in the link, else the person's newest."""
    if SEARCH.get():
        try:
            return server.searches().get(SEARCH.get())
        except NoSuchSearch as error:
            note(str(error))
            SEARCH.set("")
    if mine:
        SEARCH.set(mine[0].id)
    return mine[0] if mine else None


def choose_search(info: SearchInfo, mine: list[SearchInfo]) -> None:
    """Lets the person choose another of their searches."""
    found = {info.id: info} | {each.id: each for each in mine}
    words = {
        each.id: f"{each.name}, {local_time(each.created):%d %b, %H:%M:%S}"
        for each in found.values()
    }
    st.selectbox("Search on this page", list(words), format_func=words.__getitem__, **SEARCH.widget)


def show_page(owner: str) -> None:
    """Shows the form on the left and the search on the right; on a phone a search comes first."""
    mine = server.searches().of(owner)
    info = open_search(mine)
    with st.container(key="search_new" if info is None else "search_going"):
        left, right = st.columns([5, 9], gap="medium")
    with left:
        config = search_form()
        pressed = st.button("Start the search", type="primary", disabled=config is None)
        if pressed and config is not None and (new := start(config, owner)):
            _OPEN.set(new)
            ask_for_top()
            st.rerun()
    with right:
        if info is None:
            st.info(
                "Choose what may vary, and press “Start the search”. The runs wait in the queue"
                " like all others, and the search goes on while you are away.",
                icon=":material/flag:",
            )
        else:
            if info.owner != owner:
                st.info(
                    "This search is somebody else's. You can look at it.",
                    icon=":material/visibility:",
                )
            with st.container(key=PLACE):
                show_search(info, owner)
            show_top()
            choose_search(info, mine)
            show_space(info)
            if info.owner == owner:
                offer_deleting(info, owner)
        show_lesson()
        show_why()


st.html(STYLE)
st.title("Search for better settings")
st.markdown(
    "A search trains one network after another with settings that it chooses itself, and keeps the"
    " one that is best on the **validation** examples. You say what may vary, and how far."
)
person = visitor()
restore("search", SETTINGS)
if _OPEN.get():
    SEARCH.set(_OPEN.get())
    _OPEN.set("")
try:
    show_page(person)
except DigitLabError as error:
    st.error(plain(str(error)))
share(shared())
