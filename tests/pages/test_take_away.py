"""“Take it away” on the Models page."""

from core.errors import ModelUnusable
from core.export import microcontroller
from core.export.format import Exported
from core.export.formats import FORMATS
from core.jobs.export import ExportJob
from tests.pages.conftest import jobs_of
from ui.models.offers import PURPOSES
from ui.services import exports

OFFERS = [offer for purpose in PURPOSES for offer in purpose.offers]


def downloads(app):
    return [element.proto.label for element in app.get("download_button")]


def choose(app, purpose):
    app.button_group(key="take_away_purpose").set_value(purpose).run()
    assert not app.exception


def labels(app):
    return [button.label for button in app.button]


def test_every_format_is_offered_once_and_under_the_name_of_the_command_line():
    offered = [offer.format for offer in OFFERS]
    assert len({each.name for each in offered}) == len(offered)
    for each in offered:
        assert FORMATS[each.name] is each
    assert {each.name for each in offered} == set(FORMATS) - {"card"}  # that is with the card


def test_what_a_worker_must_make_is_made_when_asked_for_and_then_downloaded(open_page, submitted):
    app = open_page("models", model="seven-segment")
    assert "Download Keras file" in downloads(app)
    choose(app, "programs")
    assert "Download Keras file" not in downloads(app)
    assert "Download LiteRT file" in downloads(app)
    assert "Download ONNX file" not in downloads(app)
    assert not jobs_of(submitted, ExportJob)
    app.button(key="take_away_make_onnx").click().run()
    (job,) = jobs_of(submitted, ExportJob)
    assert (job.job.spec.name, job.job.spec.format) == ("seven-segment", "onnx")
    job.fail("It could not be converted.")
    app.run()
    assert [element.value for element in app.error] == ["It could not be converted."]
    app.button(key="take_away_onnx_again").click().run()
    jobs_of(submitted, ExportJob)[1].finish(Exported(b"onnx"))
    app.run()
    assert not app.exception
    assert "Download ONNX file" in downloads(app)
    assert "Make ONNX file" not in labels(app)


def test_an_ensemble_says_why_it_has_no_file(open_page, submitted):
    app = open_page("models", model="handwritten-ensemble")
    for purpose in PURPOSES:
        if purpose.offers:
            choose(app, purpose.name)
            why = "3 MB" if purpose.name == "browser" else "no network of its own"
            assert any(why in caption.value for caption in app.caption)
    assert downloads(app) == ["Download card"]


def test_a_microcontroller_is_told_what_a_network_takes_and_then_what_was_measured(
    open_page, submitted
):
    app = open_page("models", model="seven-segment")
    choose(app, "microcontroller")
    captions = [caption.value for caption in app.caption]
    with_integers, with_floats = (caption for caption in captions if "**Flash:**" in caption)
    # 1,088 weights of a byte, 74 scales and 74 biases of four; all of four.
    assert "1,680 bytes of constants" in with_integers
    assert "4,648 bytes of constants" in with_floats
    for facts in (with_integers, with_floats):
        assert "**RAM:** 324 bytes, 28 of them for the input" in facts
        assert "**Multiplications:** 1,088 for one answer" in facts
    app.button(key="take_away_make_c-int8").click().run()
    (job,) = jobs_of(submitted, ExportJob)
    job.finish(Exported(b"zip", ("Accuracy with 8-bit weights: 65 % of 11,000.",)))
    app.run()
    assert not app.exception
    assert "Download C project with 8-bit weights" in downloads(app)
    assert any("65 % of 11,000" in caption.value for caption in app.caption)


def test_a_network_that_cannot_be_written_in_c_says_why_and_offers_nothing(open_page, monkeypatch):
    def refuse(model, *, int8):
        raise ModelUnusable("its layer 'sum' (Add) cannot be written as a program.")

    monkeypatch.setattr(microcontroller, "microcontroller_needs", refuse)
    exports.microcontroller_needs.clear()
    app = open_page("models", model="seven-segment")
    choose(app, "microcontroller")
    exports.microcontroller_needs.clear()
    assert sum("cannot be written" in caption.value for caption in app.caption) == 2
    assert not any(label.startswith("Make C project") for label in labels(app))


def test_an_int8_file_beside_the_card_needs_no_worker_and_says_what_it_cost(
    open_page, submitted, monkeypatch
):
    app = open_page("models", model="gestures")
    choose(app, "programs")
    assert "Download int8 file" in downloads(app)
    captions = " ".join(caption.value for caption in app.caption)
    assert "10 kB instead of 21 kB" in captions
    assert "97.67 % instead of 97.73 % on 1,500 hands made for testing" in captions
    assert captions.count("activations of 16 (int16x8)") == 2  # below the button and on the card
    assert any("In whole numbers" in table.value for table in app.table)
    assert not jobs_of(submitted, ExportJob)
