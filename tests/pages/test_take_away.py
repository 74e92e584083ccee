"""“Take it away” on the Models page."""

from core.export.format import Exported
from core.export.formats import FORMATS
from core.jobs.export import ExportJob
from tests.pages.conftest import jobs_of
from ui.models.offers import PURPOSES

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
