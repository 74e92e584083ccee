"""The end of every page: where to go on, a link to share, and a fresh start for somebody else."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import streamlit as st

from core.api.hosts import is_loopback
from ui.services.address import link_for_others
from ui.session.settings import shared_parameters
from ui.session.visitor import forget_visitor
from ui.widgets.links import target
from ui.wording.next_steps import NEXT

MAX_QR_CHARACTERS = 1_200  # more make squares too small for a phone's camera


# Below the first screen, or it would jump whenever something above it grows.
_STYLE = """
<style>
[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] {
  min-height: calc(100vh + 14rem); }
[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] > :has(> .st-key-footer) {
  margin-top: auto; }
</style>
"""


def show_footer(title: str) -> None:
    """Shows what comes at the end of a page.

    Args:
        title: the page's.
    """
    st.html(_STYLE)
    with st.container(key="footer"):
        st.divider()
        steps = NEXT.get(title, ())
        if steps:
            st.subheader("What now?", anchor=False)
            for page, icon, words in steps:
                st.page_link(target(page), label=words, icon=icon)
        with st.container(horizontal=True):
            if st.button("Share this page", icon=":material/share:", key="share_page"):
                _share()
            if st.button(
                "Start afresh",
                icon=":material/restart_alt:",
                key="start_afresh",
                help="Makes this browser forget you, for the next person at a shared computer.",
            ):
                _start_afresh()


@st.dialog("Share this page")
def _share() -> None:
    link = link_for_others(st.context.url, shared_parameters())
    st.markdown("This link opens the page as you see it:")
    st.code(link, language=None, wrap_lines=True)
    if is_loopback(urlsplit(link).hostname or ""):
        st.caption("It works on this computer only: the server cannot be reached over a network.")
        return
    if len(link) > MAX_QR_CHARACTERS:
        st.caption("The link is too long for a QR code.")
        return
    st.image(qr_code(link), caption="QR code of the link", width=280)
    st.caption(
        "Scan it with a phone's camera. The device must be on the same network as the server,"
        " unless the server has an address on the internet."
    )


def qr_code(text: str) -> bytes:
    """Returns a QR code as PNG: dark on white in every theme, with the quiet zone it needs."""
    import segno  # imported only when somebody shares

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()


@st.dialog("Start afresh")
def _start_afresh() -> None:
    st.markdown(
        "For the next person at a shared computer. This browser forgets your drawings, your"
        " settings and who you are. **You will not find your runs and handwriting samples again**."
        " Models that you saved stay for everybody to use, but you cannot rename or delete them any"
        " more."
    )
    with st.container(horizontal=True):
        if st.button("Forget me here", type="primary", key="start_afresh_yes"):
            forget_visitor()
        if st.button("Cancel", key="start_afresh_no"):
            st.rerun()
