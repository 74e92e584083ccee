import pytest

from core.models.store import ModelStore
from tests.support.models import card_of_ensemble, save_copy
from ui.wording.models import model_details, model_in_short


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "seven-segment",
            "Reads all 10 clean patterns; right on 65.6 % of its noisy test examples (“Mixed"
            " faults” at 0.3), where 66.2 % is the best possible on average.",
        ),
        ("handwritten-cnn", "Right on 99.3 % of 10,000 MNIST test images."),
        (
            "handwritten",
            "Right on 99.5 % of 10,000 MNIST test images and 99.0 % of 1,498 pen strokes by 6"
            " writers kept for testing.",
        ),
    ],
)
def test_a_model_is_described_in_one_plain_sentence(name, sentence):
    assert model_in_short(ModelStore().get(name)) == sentence


def test_a_model_on_which_nothing_was_measured_says_so(tmp_path):
    store = ModelStore(tmp_path)
    members = [save_copy(store, "handwritten-dense", name) for name in ("a", "b")]
    model = store.save("both", {}, card_of_ensemble(*members))
    assert model_in_short(model) == "Its accuracy was not measured."


def test_the_details_name_the_layers_and_the_interval():
    words = model_details(ModelStore().get("handwritten-cnn"))
    assert words.startswith("conv 32, conv 64, dense 128, dropout 0.5; seed 0.")
    assert "95 % interval 99.08 % to 99.42 %" in words
