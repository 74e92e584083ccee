"""Results of the guide's networks."""

from core.search.architecture_sweep import GuideResult


def guide_result(accuracy, *hidden, parameters=1000, ceiling=0.66):
    title = "-".join(map(str, hidden))
    return GuideResult(title, hidden, parameters, 10.0, accuracy, ceiling)
