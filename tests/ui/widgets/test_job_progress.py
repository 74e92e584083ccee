from dataclasses import dataclass

import pytest

from core.workers.commands import Signal
from core.workers.job import JobProducer, JobSpec, WorkerStarted
from core.workers.progress import Progress
from tests.support.app_test import app_from_function


@dataclass(frozen=True)
class Count(JobSpec[int]):
    """Work that no worker does: the tests play it."""

    def run(self, context):
        raise NotImplementedError


class Service:
    """Starts a job when it knows none, as those of the pages do."""

    def __init__(self, job_id="job"):
        self.job_id = job_id
        self.started = []
        self.forgotten = 0
        self.known = None

    @property
    def newest(self):
        return self.started[-1]

    def job(self):
        if self.known is None:
            self.known = JobProducer(f"{self.job_id}-{len(self.started)}", Count())
            self.started.append(self.known)
        return self.known.job

    def forget(self):
        self.forgotten += 1
        self.known = None


def page(service, **options):
    import streamlit as st

    from ui.widgets.job_progress import follow_job, progress_words

    result = follow_job(
        service.job(),
        options.pop("forget", service.forget),
        lambda job: progress_words(job, "Counting"),
        key="count",
        **options,
    )
    st.text(f"result: {result}")


def page_of_several(services, names):
    import streamlit as st

    from ui.widgets.job_progress import Retry, offer_retry

    retries = [
        Retry(service.job(), service.forget, name)
        for service, name in zip(services, names, strict=True)
    ]
    st.text(f"failed: {offer_retry(retries, key='several')}")


def page_that_follows(answers):
    import streamlit as st

    from ui.widgets.job_progress import follow

    def show():
        under_way = answers.pop(0)
        if under_way:
            st.text("under way")
        return under_way

    if answers:
        follow(show)
    else:
        st.text("over")


def page_of_jobs(services, until_failure=False):
    import streamlit as st

    from ui.widgets.job_progress import follow_jobs

    jobs = [service.job() for service in services]
    if not follow_jobs(jobs, lambda: st.text("under way"), until_failure=until_failure):
        st.text("over")


def shown(app):
    """Shows the page anew, as its timer or a click does."""
    app.run()
    assert not app.exception
    return app


def bars(app):
    return [(bar.proto.value, bar.proto.text) for bar in app.get("progress")]


def labels(app):
    return [button.label for button in app.button]


def values(elements):
    return [element.value for element in elements]


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def app(service):
    return shown(app_from_function(page, service=service))


@pytest.fixture
def stoppable(service):
    """A page whose job can be stopped, and begun anew by a button of the page's own."""
    return shown(app_from_function(page, service=service, forget=None, stoppable=True))


def test_a_job_that_waits_says_what_for(app):
    assert bars(app) == [(0, "Waiting for a worker process to be ready …")]
    assert labels(app) == []
    assert values(app.text) == ["result: None"]


def test_a_job_that_runs_says_what_it_does_before_its_first_report(app, service):
    service.newest.emit(WorkerStarted(1))
    assert bars(shown(app)) == [(0, "Counting …")]


def test_progress_is_shown_with_the_time_left(app, service):
    service.newest.emit(Progress(30, 40, 9.0))
    assert bars(shown(app)) == [(75, "Counting, about 3 s left")]
    service.newest.emit(Progress(1, 40, 9.0))
    assert bars(shown(app)) == [(2, "Counting, about 5 min 51 s left")]
    assert len(service.started) == 1
    assert values(app.error) == []


def test_a_page_may_tell_otherwise_how_much_is_done(service):
    app = shown(app_from_function(page, service=service, share=lambda job: 0.5))
    service.newest.emit(Progress(30, 40, 9.0))
    assert bars(shown(app)) == [(50, "Counting, about 3 s left")]


def test_a_failure_is_a_sentence_and_tried_again_once(app, service):
    service.newest.fail("The worker processes were lost.")
    shown(app)
    assert bars(app) == []
    assert values(app.error) == ["The worker processes were lost."]
    assert labels(app) == ["Try again"]
    assert service.forgotten == 0
    assert len(service.started) == 1
    app.button(key="count_again").click()
    shown(app)
    assert service.forgotten == 1
    assert len(service.started) == 2
    assert values(app.error) == []
    assert labels(app) == []
    assert bars(app) == [(0, "Waiting for a worker process to be ready …")]
    shown(app)
    assert service.forgotten == 1
    assert len(service.started) == 2


def test_the_result_is_handed_to_the_page_when_it_is_there(app, service):
    service.newest.emit(Progress(30, 40, 9.0))
    service.newest.finish(42)
    shown(app)
    assert values(app.text) == ["result: 42"]
    assert bars(app) == []
    assert labels(app) == []


def test_a_stop_is_sent_once_and_then_waited_for(stoppable, service):
    sent = []
    service.newest.attach(sent.append)
    service.newest.emit(Progress(30, 40, 9.0))
    shown(stoppable)
    assert labels(stoppable) == ["Stop"]
    assert not stoppable.button(key="count_stop").disabled
    assert sent == []
    stoppable.button(key="count_stop").click()
    shown(stoppable)
    assert sent == [Signal("stop")]
    assert bars(stoppable) == [(75, "Stopping …")]
    assert stoppable.button(key="count_stop").disabled
    service.newest.emit(Progress(31, 40, 9.3))
    shown(stoppable)
    assert sent == [Signal("stop")]
    assert bars(stoppable) == [(77, "Stopping …")]
    assert stoppable.button(key="count_stop").disabled


def test_a_job_that_still_waits_is_stopped_as_soon_as_it_can_be(stoppable, service):
    stoppable.button(key="count_stop").click()
    shown(stoppable)
    assert bars(stoppable) == [(0, "Stopping …")]
    sent = []
    service.newest.attach(sent.append)
    assert sent == [Signal("stop")]


def test_the_next_job_can_be_stopped_as_well(stoppable, service):
    stoppable.button(key="count_stop").click()
    shown(stoppable)
    service.newest.fail("It was stopped, and nothing was kept.")
    service.forget()
    shown(stoppable)
    assert len(service.started) == 2
    assert bars(stoppable) == [(0, "Waiting for a worker process to be ready …")]
    assert not stoppable.button(key="count_stop").disabled


def test_where_the_page_has_its_own_button_a_failure_is_only_told(stoppable, service):
    service.newest.fail("It was stopped, and nothing was kept.")
    shown(stoppable)
    assert values(stoppable.warning) == ["It was stopped, and nothing was kept."]
    assert values(stoppable.error) == []
    assert labels(stoppable) == []
    assert bars(stoppable) == []
    assert values(stoppable.text) == ["result: None"]


def test_two_failures_with_the_same_sentence_are_told_once_and_both_tried_again():
    services = [Service("first"), Service("second"), Service("third")]
    app = shown(app_from_function(page_of_several, services=services, names=["", "", ""]))
    assert values(app.text) == ["failed: False"]
    assert labels(app) == []
    first, second, third = services
    first.newest.fail("The worker processes were lost.")
    second.newest.fail("The worker processes were lost.")
    third.newest.finish(3)
    shown(app)
    assert values(app.error) == ["The worker processes were lost."]
    assert labels(app) == ["Try again"]
    assert values(app.text) == ["failed: True"]
    app.button(key="several_again").click()
    shown(app)
    assert [service.forgotten for service in services] == [1, 1, 0]
    assert [len(service.started) for service in services] == [2, 2, 1]
    assert values(app.error) == []
    assert values(app.text) == ["failed: False"]


def test_failures_of_several_jobs_are_told_by_name():
    services = [Service("first"), Service("second"), Service("third")]
    names = ["one", "two", "two"]
    app = shown(app_from_function(page_of_several, services=services, names=names))
    for service in services:
        service.newest.fail("It is gone.")
    shown(app)
    assert values(app.error) == ["one: It is gone.", "two: It is gone."]
    assert labels(app) == ["Try again"]


def test_when_it_is_over_the_whole_page_is_shown_anew():
    assert values(shown(app_from_function(page_that_follows, answers=[True])).text) == ["under way"]
    assert values(shown(app_from_function(page_that_follows, answers=[False])).text) == ["over"]


def test_several_jobs_are_followed_until_the_last_one_ends():
    first, second = Service("a"), Service("b")
    app = shown(app_from_function(page_of_jobs, services=[first, second]))
    first.newest.fail("No memory.")
    assert values(shown(app).text) == ["under way"]
    second.newest.finish(1)
    assert values(shown(app).text) == ["over"]


def test_or_until_one_of_them_fails():
    first, second = Service("a"), Service("b")
    app = app_from_function(page_of_jobs, services=[first, second], until_failure=True)
    assert values(shown(app).text) == ["under way"]
    first.newest.fail("No memory.")
    assert values(shown(app).text) == ["over"]


def test_whoever_follows_a_job_asks_for_it_as_long_as_it_is_under_way(app, service):
    job = service.newest.job
    (first,) = job.asked.items()
    shown(app)
    (second,) = job.asked.items()
    assert first[0] == second[0]
    assert first[1] < second[1]
    other = shown(app_from_function(page, service=service))
    assert len(job.asked) == 2
    service.newest.finish(3)
    before = job.asked
    shown(other)
    assert job.asked == before
