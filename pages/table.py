"""Lesson 3, with the person's own data: a table becomes a task like any other."""

import streamlit as st

from core.datasets.tables import builtin
from core.errors import DigitLabError
from core.tasks.base import get_task
from ui.services import tables
from ui.services.server import own_tables
from ui.session.settings import note, restore, share
from ui.session.state import Key
from ui.session.visitor import visitor
from ui.table.form import prepared, show_form, show_start
from ui.table.row import show_row
from ui.table.settings import FILE, MODEL, ROW, SETTINGS, TABLE, shared_settings
from ui.table.view import forget, offer_deleting, show_leaks, show_steps, show_table
from ui.wording.phrases import plain

# What was just made. The page turns to it at the start of its next run, before it has widgets.
_OPEN: Key[str] = Key("table_to_open", str)
NEW = "New table …"
STYLE = """
<style>
.stMain h1 { font-size: 1.75rem; padding: 0.25rem 0; }
.st-key-table_links a { min-height: 2.5rem; }
/* While the answer is worked out, what stands below it stays. */
.st-key-table_answer { min-height: 24rem; }
.st-key-table_leaks { min-height: 26rem; }
@media (max-width: 640px) {
  .stMain h1 { font-size: 1.25rem; }
  /* The answer stands above the fields, and is seen while they change. */
  .st-key-table_lab > * > [data-testid=stHorizontalBlock] {
    flex-direction: column-reverse; flex-wrap: nowrap; }
  .st-key-table_lab .digit-lab-answer { font-size: 3rem; }
}
</style>
"""


def choose_table(owner: str) -> str:
    """Lets the person choose one of their tables, a built-in one, or a new one."""
    titles = {"": NEW} | tables.titles_of(owner, TABLE.get())
    titles |= {name: f"{each.title} (built-in)" for name, each in builtin.BUILT_IN.items()}
    if TABLE.get() not in titles:
        note("This table is not on this server (any more).")
        forget()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Table",
            list(titles),
            format_func=titles.__getitem__,
            on_change=other_table,
            width=420,
            **TABLE.widget,
        )
        if FILE.get() and not chosen:
            st.button("Another file", icon=":material/arrow_back:", on_click=FILE.set, args=("",))
    return str(chosen)


def other_table() -> None:
    """Forgets what belonged to another table."""
    FILE.set("")
    MODEL.set("")
    ROW.set("")


def show_page(owner: str, given: frozenset[str]) -> bool:
    """Shows a table, or the way to one; returns whether a part of it shares the address."""
    name = choose_table(owner)
    if name:
        task = get_task(name)
        assert task.table is not None
        mine = name in tables.titles_of(owner)
        show_table(task, task.table, mine=mine)
        shares = show_row(task)
        show_steps(task.table)
        show_leaks(task, task.table)
        if mine:
            offer_deleting(owner, task.table, forget)
        return shares
    if FILE.get():
        record = show_form(given)
        if record is not None:
            _OPEN.set(own_tables().add(owner, record, tables.file_of(FILE.get())))
            prepared()
            st.rerun()
    else:
        show_start()
    return False


st.html(STYLE)
st.title("Your own table")
st.markdown(
    "One row for each example, and a column that says **which class** it is: then everything works"
    " as with digits. Train, compare, search, look inside, and predict new rows."
)
person = visitor()
given = restore("table", SETTINGS)
if _OPEN.get():
    forget()
    FILE.set("")
    TABLE.set(_OPEN.get())
    _OPEN.set("")
shares = False
try:
    shares = show_page(person, given)
except DigitLabError as error:
    st.error(plain(str(error)))
if not shares:
    share(shared_settings())
