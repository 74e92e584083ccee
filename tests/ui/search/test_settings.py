"""What the Search page offers to vary."""

from core.search.space import Space, parse_dimension
from core.search.variables import VARIABLE
from core.tasks.base import tasks
from core.training.config import TrainingConfig
from ui.search.settings import CHOSEN, ENDS, FIRST_VARY, OPTIONS, ORDER, RANGES, offered


def test_what_is_offered_may_vary_in_some_order_once():
    assert set(ORDER) == {*RANGES, *OPTIONS}
    assert set(ORDER) <= set(VARIABLE)
    assert len(ORDER) == len(set(ORDER))


def test_what_is_offered_fits_the_first_recipe_of_every_task():
    for task in tasks().values():
        if task.needs_own_samples:
            continue
        base = TrainingConfig.from_recipe(task, task.recipes[0], source=task.sources[-1].name)
        for name in offered(task):
            if name in ENDS:
                low, high, steps = RANGES[name]
                assert {low, high} <= set(steps)
                text = f"{name}={low:g}..{high:g}"
            else:
                first, options = OPTIONS[name]
                assert 2 <= first <= len(options)
                text = f"{name}={'|'.join(options)}"
            if name in ("filters", "kernel_size") and not base.architecture.filters:
                parse_dimension(text)
                continue
            Space.parse([text]).check(base)


def test_what_varies_at_first_is_possible_in_every_task():
    for task in tasks().values():
        assert set(FIRST_VARY) <= set(offered(task))
    assert CHOSEN.keys() == OPTIONS.keys()
