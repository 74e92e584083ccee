"""What the Evaluate page says of how new the examples are to a network."""

import numpy as np
import pytest

from core.evaluation.evaluation import Evaluation
from core.models.store import ModelStore
from tests.support.models import save_copy
from ui.evaluate.view import kept_apart

UPLOAD = "upload-0123456789abcdef"


@pytest.mark.parametrize(
    ("learned", "judged", "words"),
    [
        ("built-in", "built-in", "did not learn from any of them"),
        ("mnist", "built-in", "did not learn from any of them"),
        (UPLOAD, UPLOAD, "did not learn from any of them"),
        (UPLOAD, "built-in", "cannot tell whether"),
        ("mnist", UPLOAD, "cannot tell whether"),
    ],
)
def test_what_may_have_been_learned_from_is_told(tmp_path, learned, judged, words):
    changes = {"task": "course-lab", "source": learned}
    model = save_copy(ModelStore(tmp_path), "handwritten-dense", "made", **changes)
    some = Evaluation("some", np.eye(10, dtype=np.float32), np.arange(10), False, None)
    assert words in kept_apart(model, some, judged)
