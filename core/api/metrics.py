"""What the API counts of itself, in the form that Prometheus collects at /metrics."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

# Seconds; an answer takes a millisecond or two, a photograph some hundred.
BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
UNMATCHED = "none"  # the label of all addresses that do not exist
CONTENT_TYPE = CONTENT_TYPE_LATEST

disable_created_metrics()  # type: ignore[no-untyped-call]  # they double the text, and say what the process' start says


class Metrics:
    """The counters of one API. Labels are routes, methods and statuses, never what clients send."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ("route", "method", "status")
        self._requests = Counter(
            "digit_lab_requests", "Requests answered.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "digit_lab_request_seconds",
            "Seconds from a request's headers to the end of its answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._rows = Counter(
            "digit_lab_rows", "Rows that models answered.", ("route",), registry=self.registry
        )
        # Prometheus' own look-up takes longer than counting.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram, Counter]] = {}
        self._in_flight = Gauge(
            "digit_lab_requests_in_flight", "Requests being answered now.", registry=self.registry
        )

    def follow_in_flight(self, number: Callable[[], float]) -> None:
        """Takes the function that says how many requests are being answered now."""
        self._in_flight.set_function(number)

    def count(self, route: str, method: str, status: int, seconds: float, rows: int) -> None:
        """Counts an answered request."""
        key = (route, method if method in METHODS else "other", status)
        counters = self._known.get(key)
        if counters is None:
            counters = self._known[key] = (
                self._requests.labels(*map(str, key)),
                self._seconds.labels(route),
                self._rows.labels(route),
            )
        requests, times, answered = counters
        requests.inc()
        times.observe(seconds)
        if rows:
            answered.inc(rows)

    def exposition(self) -> bytes:
        """Returns everything as text for Prometheus."""
        return bytes(generate_latest(self.registry))
