"""What holds for every task on the pages that are about no task in particular."""

import pytest

from core.jobs.dataset import SummaryJob
from core.jobs.evaluation import EvaluationJob, TestDataJob
from core.tasks.base import get_task, tasks
from tests.support.jobs import RecordingContext

# Those that are about digits only stay as they are.
GENERIC = (
    "api",
    "compare",
    "dataset",
    "evaluate",
    "inside",
    "models",
    "noise",
    "runs",
    "search",
    "train",
)
# What a page shows is there once these are done; they take no time. All others stay undone.
QUICK = (SummaryJob, TestDataJob, EvaluationJob)
OTHERS = [name for name in tasks() if "seven-segment" not in name and "course" not in name]

WITHOUT_A_MODEL = ("iris", "wine")  # for a person to train one


def text(app):
    elements = (*app.markdown, *app.caption, *app.subheader, *app.title, *app.info)
    return "\n".join(str(element.value) for element in elements)


@pytest.mark.parametrize("task", [name for name in OTHERS if "handwritten" not in name])
def test_every_page_stands_with_every_task_and_speaks_of_what_it_has(open_page, submitted, task):
    one, found = get_task(task), []
    for page in GENERIC:
        app = open_page(page, task=task)
        for _ in range(3):  # a page asks for one thing after the other
            open_jobs = [
                producer
                for producer in submitted
                if isinstance(producer.job.spec, QUICK) and producer.job.active
            ]
            for producer in open_jobs:
                producer.finish(producer.job.spec.run(RecordingContext(listener=producer.emit)))
            if open_jobs:
                app.run()
        assert not app.exception, page
        if task not in WITHOUT_A_MODEL:
            assert not app.error, page
        if one.label != "digit" and page != "models":
            lines = text(app).lower().replace("digit lab", "").replace("digit_lab", "")
            lines = lines.splitlines()
            found += [(page, line) for line in lines if "digit" in line]
    assert not found
