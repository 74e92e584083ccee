from core.workers.job import JobProducer, JobSpec
from ui.services.shared_job import shared_job


class Work(JobSpec[int]):
    def run(self, context):
        return 3


def test_whoever_asks_for_the_same_gets_the_same_job_and_a_dropped_one_begins_anew():
    producers = []

    @shared_job(max_entries=4)
    def work_job(name, _rest):
        """Starts the work."""
        producers.append(JobProducer(f"{name} {len(producers)}", Work()))
        return producers[-1].job

    first = work_job("a", object())
    assert work_job("a", object()) is first
    assert work_job("b", object()) is not first
    producers[0].drop("Nobody waited.")
    second = work_job("a", object())
    assert second is not first
    assert second.active
    producers[-1].fail("It failed.")
    assert work_job("a", object()) is second  # a person decides whether it is tried again
    work_job.clear("a", object())
    assert work_job("a", object()).active
    assert len(producers) == 4
    assert work_job.__doc__ == "Starts the work."
