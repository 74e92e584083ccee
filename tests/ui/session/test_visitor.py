from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from ui.session import visitor


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Asia/Tokyo", 2), ("UTC", 17), (None, 17), ("", 17), ("No/Where", 17), ("../etc", 17)],
)
def test_a_time_is_shown_as_by_the_visitors_clock(monkeypatch, zone, hour):
    monkeypatch.setattr(visitor.st, "context", SimpleNamespace(timezone=zone))
    assert visitor.local_time(datetime(2026, 11, 27, 17, 30, tzinfo=UTC)).hour == hour
