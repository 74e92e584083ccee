"""A correction of Streamlit: a fragment is redrawn together with the fragments that stand in it.

When a fragment runs again, Streamlit 1.67 drops what the fragment has not sent yet, but keeps what
the fragments *within* it have not sent. Where the browser is slower than the clicks, the block of
an inner fragment then arrives before the elements that stand above it. The browser stops with “Bad
delta path index”, and every later click on that page is lost.
"""

from __future__ import annotations

import functools
from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.fragment import MemoryFragmentStorage


def with_inner(fragments: list[str], storage: MemoryFragmentStorage) -> list[str]:
    """Returns the ids of fragments, and then those of all fragments that stand in them."""
    known = list(storage._parent_by_id)
    return [
        *fragments,
        *(
            each
            for each in known
            if each not in fragments and storage.has_ancestor_in(each, fragments)
        ),
    ]


def redraw_inner_fragments() -> None:
    """Makes the server's sessions drop what inner fragments have not sent, too."""
    original = AppSession._on_scriptrunner_event
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def on_event(self: AppSession, *args: Any, **options: Any) -> None:
        # Streamlit's thread of the script calls this when a run begins, before it forgets any.
        fragments = options.get("fragment_ids_this_run")
        if fragments and isinstance(self._fragment_storage, MemoryFragmentStorage):
            options["fragment_ids_this_run"] = with_inner(fragments, self._fragment_storage)
        original(self, *args, **options)

    AppSession._on_scriptrunner_event = on_event  # type: ignore[method-assign]
