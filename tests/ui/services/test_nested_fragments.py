import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

from ui.services.nested_fragments import redraw_inner_fragments


class Session:
    """Of a Streamlit session, what decides which messages wait for the browser."""

    def __init__(self):
        self._fragment_storage = MemoryFragmentStorage()
        self._browser_queue = ForwardMsgQueue()

    def nest(self, fragment, parent=None):
        self._fragment_storage.register(fragment, lambda: None, parent_fragment_id=parent)

    def send(self, fragment, *path):
        message = ForwardMsg()
        message.delta.fragment_id = fragment
        message.delta.add_block.SetInParent()
        message.metadata.delta_path.extend(path)
        self._browser_queue.enqueue(message)

    def run(self, fragments):
        AppSession._on_scriptrunner_event(
            self, None, ScriptRunnerEvent.SCRIPT_STARTED, fragment_ids_this_run=fragments
        )

    def _call_soon_on_event_loop(self, callback):
        callback()

    def _handle_scriptrunner_event_on_event_loop(self, *event):
        AppSession._clear_queue(self, event[6])

    @property
    def waiting(self):
        return [message.delta.fragment_id for message in self._browser_queue.flush()]


@pytest.fixture
def session(monkeypatch):
    monkeypatch.setattr(
        AppSession, "_on_scriptrunner_event", AppSession._on_scriptrunner_event
    )  # taken back afterwards
    redraw_inner_fragments()
    session = Session()
    for fragment, parent in (
        ("page", None),
        ("progress", "page"),
        ("bar", "progress"),
        ("b", None),
    ):
        session.nest(fragment, parent)
    return session


def test_what_stands_in_a_fragment_is_redrawn_with_it(session):
    session.send("page", 0, 14)
    session.send("progress", 0, 15)
    session.send("bar", 0, 15, 0)
    session.send("b", 0, 16)
    session.run(["page"])
    # Streamlit alone keeps "progress": the browser would get child 15 of a list of 14.
    assert session.waiting == ["b"]


def test_what_stands_around_it_or_beside_it_stays(session):
    for fragment in ("page", "progress", "bar", "b"):
        session.send(fragment, 0, len(fragment))
    session.run(["progress"])
    assert session.waiting == ["page", "b"]


def test_a_whole_page_is_redrawn_as_before(session):
    session.send("page", 0, 14)
    session.run(None)
    assert session.waiting == []


def test_it_is_put_right_once(session):
    corrected = AppSession._on_scriptrunner_event
    redraw_inner_fragments()
    assert AppSession._on_scriptrunner_event is corrected
