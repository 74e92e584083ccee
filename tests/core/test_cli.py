import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli import _parser, main
from core.cli.search import search_config
from core.cli.training import training_config
from core.models.store import ModelStore
from core.tasks import handwritten
from tests.support.models import save_copy

REPOSITORY = Path(__file__).resolve().parents[2]


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def draw_one(path):
    image = np.full((120, 90), 255, np.uint8)
    cv2.line(image, (45, 15), (45, 105), 0, 9)
    cv2.imwrite(str(path), image)


def test_segments_answers_a_json_line_each(capsys):
    assert main(["segments", "1111110", "0110000", "11", "1111011"]) == 0
    answers = lines(capsys)
    assert [answer.get("digit") for answer in answers] == [0, 1, None, 9]
    assert list(answers[0]) == ["input", "digit", "confidence", "probabilities"]
    assert answers[0]["input"] == "1111110"
    assert len(answers[0]["probabilities"]) == 10
    assert sum(answers[0]["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert answers[0]["confidence"] == max(answers[0]["probabilities"])
    assert list(answers[2]) == ["input", "error"]


def test_read_answers_for_files_and_folders(capsys, tmp_path):
    draw_one(tmp_path / "one.png")
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((50, 50), 200, np.uint8))
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (tmp_path / "notes.txt").write_text("not read")
    assert main(["read", str(tmp_path), str(tmp_path / "one.png"), "missing.png"]) == 0
    blank, broken, one, again, missing = lines(capsys)
    assert list(one) == [
        "file",
        "digit",
        "confidence",
        "probabilities",
        "recognised",
        "number",
        "digits",
    ]
    assert one["number"] == "1"
    assert [list(digit) for digit in one["digits"]] == [["box", "digit", "confidence"]]
    assert (one["digit"], again["digit"]) == (1, 1)
    for answer in (blank, broken, missing):
        assert list(answer) == ["file", "error"]
    assert "Nothing is drawn" in blank["error"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["segments", "1111110", "--model", "nobody"], "no model called"),
        (["segments", "1111110", "--model", "handwritten-cnn"], "reads handwritten"),
        (["evaluate", "nobody"], "no model called"),
        (["evaluate", "seven-segment", "--noise", "fog"], "no noise called"),
        (["evaluate", "seven-segment", "--data", "imagenet"], "no data set called"),
        (["train", "seven-segment", "--epochs", "0"], "epochs"),
        (["train", "seven-segment", "--name", "seven-segment"], "--replace"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(capsys, words, said):
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_an_empty_folder_is_an_error_of_its_own_and_stops_nothing(capsys, tmp_path):
    empty, picture = tmp_path / "empty", tmp_path / "one.png"
    empty.mkdir()
    draw_one(picture)
    assert main(["read", str(empty), str(picture)]) == 0
    first, second = lines(capsys)
    assert "no picture" in first["error"]
    assert second["digit"] == 1


def test_models_lists_figures_commands_and_what_is_broken(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    (tmp_path / "foreign").mkdir()
    assert main(["models"]) == 0
    assert "foreign: cannot be used" in capsys.readouterr().out
    monkeypatch.undo()
    main(["models"])
    assert "python -m core train seven-segment" in capsys.readouterr().out


def test_the_command_line_renames_and_deletes_whatever_is_not_bundled(
    capsys, tmp_path, monkeypatch
):
    store = ModelStore(tmp_path)
    save_copy(store, "seven-segment", "one", owner="a visitor")
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    assert main(["rename", "one", "two"]) == 0
    assert store.get("two").belongs_to("a visitor")
    assert main(["delete", "two"]) == 0
    assert store.names() == ()
    assert capsys.readouterr().out == "one is now called two\ntwo is deleted\n"
    assert main(["delete", "two"]) == 2
    assert "no model called" in capsys.readouterr().err
    monkeypatch.undo()
    assert main(["rename", "seven-segment", "mine"]) == 2
    assert "comes with Digit Lab" in capsys.readouterr().err


def test_evaluate_prints_the_cards_figures(capsys):
    main(["evaluate", "seven-segment"])
    printed = capsys.readouterr().out
    for figure in ModelStore().get("seven-segment").figures:
        assert str(figure) in printed


def test_evaluate_with_noise_prints_every_level(capsys):
    main(["evaluate", "seven-segment", "--noise", "flip"])
    assert len(capsys.readouterr().out.splitlines()) == 21


@pytest.mark.keras
@pytest.mark.slow
def test_a_network_is_trained_saved_and_made_again_by_its_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    words = "train seven-segment --hidden 16 --epochs 2 --batch-size 256 --seed 4 --name small"
    assert main(words.split()) == 0
    first = ModelStore().get("small")
    assert first.card.epochs_done == 2
    again = first.card.command.removeprefix("python -m core ").split()
    assert main([*again, "--replace"]) == 0
    second = ModelStore().get("small")
    assert second.figures == first.figures
    assert second.version == first.version  # the same weights, to the last bit


def test_a_recipe_sets_everything_and_options_change_it():
    words = "train handwritten --data built-in --recipe first-digits --epochs 2 --dropout 0.1"
    config = training_config(_parser().parse_args(words.split()))
    assert (config.rotation, config.early_stopping, config.epochs) == (15, 3, 2)
    assert config.architecture.hidden == (256, 128, 64)
    assert config.architecture.dropout == 0.1


@pytest.fixture
def two_models(tmp_path, monkeypatch):
    """A folder with two networks, told to be of the built-in data, and few pictures to judge by."""
    store = ModelStore(tmp_path)
    save_copy(store, "handwritten-dense", "first", source="built-in")
    save_copy(store, "handwritten-cnn", "second", source="built-in")
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path))
    monkeypatch.setattr(handwritten, "NON_DIGITS_TO_TEST", 3)
    handwritten.out_of_distribution.cache_clear()
    yield
    handwritten.out_of_distribution.cache_clear()


@pytest.mark.usefixtures("two_models")
def test_an_ensemble_is_measured_saved_and_listed(capsys):
    assert main(["ensemble", "first", "second", "--vote", "majority", "--name", "both"]) == 0
    printed = capsys.readouterr().out
    both = ModelStore().get("both")
    assert both.summary == "majority of first, second"
    assert both.card.command == ("python -m core ensemble first second --vote majority --name both")
    assert str(both.figures[0]) in printed
    assert both.figures[0].total == 450
    assert [rate.total for rate in both.calibration.accepted] == [3, 3, 3]
    for rate in (*both.calibration.refused, *both.calibration.accepted):
        assert str(rate) in printed
    assert main(both.card.command.removeprefix("python -m core ").split()) == 2
    assert "--replace" in capsys.readouterr().err
    assert main(["models"]) == 0
    assert "both: handwritten digits, majority of first, second" in capsys.readouterr().out


@pytest.mark.usefixtures("two_models")
def test_a_weighted_ensemble_fits_its_weights_and_names_them_in_its_command(capsys):
    assert main(["ensemble", "first", "second", "--vote", "weighted", "--name", "both"]) == 0
    printed = capsys.readouterr().out
    both = ModelStore().get("both")
    assert sum(both.weights) == pytest.approx(1)
    weights = ",".join(f"{weight:g}" for weight in both.weights)
    assert f"weights: {weights.replace(',', ', ')}" in printed
    assert "second alone: " in printed
    again = both.card.command.removeprefix("python -m core ").split()
    assert again[-4:] == ["--weights", weights, "--name", "both"]
    assert main([*again, "--replace"]) == 0
    assert ModelStore().get("both").version == both.version
    assert ModelStore().get("both").figures == both.figures


@pytest.mark.parametrize("weights", ["1,much", "", "1;2"])
def test_weights_that_are_no_numbers_are_refused(capsys, weights):
    with pytest.raises(SystemExit):
        main(["ensemble", "first", "second", "--vote", "weighted", "--weights", weights])
    assert "expected numbers such as 2,1,1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("first second --weights 1,2", "weighted vote only"),
        ("first second --vote weighted --weights 1,2,3", "each of the 2 members"),
        ("first second --vote weighted --weights nan,1", "Expected weights from 0"),
        ("first second --data imagenet", "no data set called"),
        ("first", "2 to 20 different networks"),
        ("first first", "2 to 20 different networks"),
        ("first nobody", "no model called 'nobody'"),
        ("first second --name first", "already|--replace"),
    ],
)
@pytest.mark.usefixtures("two_models")
def test_an_ensemble_that_cannot_be_is_refused_in_a_sentence(capsys, words, said):
    assert main(["ensemble", *words.split()]) == 2
    assert re.search(said, capsys.readouterr().err)


def test_an_unknown_vote_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["ensemble", "first", "second", "--vote", "loudest"])
    assert "majority" in capsys.readouterr().err


def started(*words, **options):
    """Starts the command line as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "core", *words],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_wrong_seed_is_refused_in_a_sentence(capsys):
    for seed in ("-1", "1.5", str(2**31)):
        with pytest.raises(SystemExit) as ended:
            main(["evaluate", "seven-segment", "--seed", seed])
        assert ended.value.code == 2
        told = capsys.readouterr().err
        assert f"expected a whole number from 0 to 2147483647, not {seed}" in told


def test_models_that_cannot_be_listed_are_an_error(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "nowhere"))
    assert main(["models"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "There is no folder of models at" in told.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("words", [["models"], ["segments", "1111110"], ["settings"]])
def test_output_that_cannot_be_written_is_an_error_in_one_sentence(words):
    with Path("/dev/full").open("w") as full:
        process = started(*words, stdout=full)
        _, told = process.communicate()
    sentence = "python -m core: The output could not be written (No space left on device)."
    assert told.splitlines()[-1] == sentence
    assert "Traceback" not in told
    assert process.returncode == 1


@pytest.mark.skipif(os.name != "posix", reason="there is no such shell")
def test_output_that_nobody_wants_is_no_error():
    command = f"{shlex.quote(sys.executable)} -m core settings >&-"
    process = subprocess.run(
        ["sh", "-c", command], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True
    )
    assert (process.returncode, process.stderr) == (0, "")


def test_a_reader_who_has_seen_enough_is_no_error():
    process = started("models", stdout=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 0
    process.stderr.close()


@pytest.mark.keras
@pytest.mark.slow
def test_a_training_that_is_interrupted_says_so_in_one_line():
    words = ["--hidden", "8", "--epochs", "200", "--batch-size", "64"]
    process = started("train", "seven-segment", *words, stdout=subprocess.PIPE)
    told = []
    while not any(line.startswith("epoch") for line in told):
        told.append(process.stderr.readline())
        assert told[-1], told
    process.send_signal(signal.SIGINT)
    out, rest = process.communicate()
    assert rest.splitlines()[-1] == "python -m core: Stopped."
    assert "Traceback" not in rest
    assert (process.returncode, out) == (130, "")


def test_an_interruption_is_told_in_one_line(capsys, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(ModelStore, "survey", interrupted)
    assert main(["models"]) == 130
    assert capsys.readouterr().err == "python -m core: Stopped.\n"


def test_a_network_is_saved_before_its_figures_are_printed(monkeypatch):
    def full(*words, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.cli._write_nowhere", lambda: None)
    monkeypatch.setattr("core.cli.ensemble.show_measured", full)
    names = ["seven-segment", "seven-segment-flip"]
    try:
        assert main(["ensemble", *names, "--name", "kept-although-unseen"]) == 1
        assert ModelStore().get("kept-although-unseen").members == tuple(names)
    finally:
        ModelStore().delete("kept-although-unseen", by=None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_what_is_no_file_is_not_waited_for_and_a_closed_folder_not_called_empty(
    capsys, tmp_path, monkeypatch
):
    pipe, closed, listdir = tmp_path / "pipe.png", tmp_path / "closed", os.listdir
    os.mkfifo(pipe)
    assert main(["read", str(pipe), "/dev/zero"]) == 0
    assert [answer["error"] for answer in lines(capsys)] == [
        "The file cannot be read (it is not a file)."
    ] * 2
    assert main(["fine-tune", "handwritten-cnn", "--samples", str(pipe)]) == 2
    assert "cannot be read (it is not a file)" in capsys.readouterr().err
    closed.mkdir()

    def refuse(path="."):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return listdir(path)

    monkeypatch.setattr("os.listdir", refuse)
    main(["read", str(closed)])
    assert lines(capsys)[0]["error"] == "The folder cannot be read (Permission denied)."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["turbo"], "no recipe called 'turbo'"),
        (["fast"], "Choose at least one setting that may vary, such as learning_rate"),
        (["fast", "--vary", "speed=1..2"], "no setting 'speed'"),
        (["fast", "--vary", "rotation=0..10"], "are not pictures"),
        (["fast", "--vary", "hidden=8|16", "--trials", "0"], "trials in 1..500"),
        (["fast", "--vary", "hidden=8|16", "--epochs", "0"], "epochs in 1..1000"),
        (["fast", "--vary", "hidden=8|16", "--name", "seven-segment"], "--replace"),
    ],
)
def test_a_search_that_cannot_be_is_said_in_a_sentence(capsys, words, said):
    task = ["--task", "seven-segment"] if words[0] == "fast" else []
    assert main(["search", *words, *task]) == 2
    assert said in capsys.readouterr().err


def search_of(*words):
    return search_config(_parser().parse_args(["search", *words]))


def test_a_search_is_asked_for_by_its_recipe_and_what_varies():
    vary = ["--vary", "learning_rate=1e-4..1e-1:log", "--vary", "hidden=16|32,16|64,32"]
    found = search_of("guide", *vary, "--sampler", "random", "--trials", "40", "--seconds", "60")
    assert (found.base.task, found.base.architecture.hidden) == ("seven-segment", (64, 32))
    assert found.space.texts == ["learning_rate=0.0001..0.1:log", "hidden=16|32,16|64,32"]
    assert (found.sampler, found.pruner, found.objective) == ("random", "median", "loss")
    assert (found.trials, found.seconds, found.seed) == (40, 60, 0)
    assert search_of("guide", *vary, "--epochs", "7").base.epochs == 7


@pytest.mark.keras
@pytest.mark.slow
def test_search_prints_each_trial_and_saves_the_winner_with_its_figures(capsys):
    words = "search fast --task seven-segment --epochs 2 --trials 3 --name found --sampler grid"
    assert main([*words.split(), "--vary", "learning_rate=1e-4|1e-2|1e-3"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in told[:4]] == ["trial 1", "trial 2", "trial 3", "best"]
    assert told[3].endswith("learning_rate 0.01")
    figures = ModelStore().get("found").figures
    assert told[4:6] == [str(figure) for figure in figures]
    assert "95 % interval" in told[4]
    assert told[6].startswith("saved in ")


@pytest.mark.keras
@pytest.mark.slow
def test_a_search_that_is_stopped_keeps_the_best_so_far(capsys, monkeypatch):
    from core.search import local

    made = local.judge

    def stop(config, trials, *arguments, **options):
        if len(trials) == 3:
            raise KeyboardInterrupt
        return made(config, trials, *arguments, **options)

    monkeypatch.setattr(local, "judge", stop)
    words = "search fast --task seven-segment --epochs 1 --vary hidden=8|16|32|64"
    assert main(words.split()) == 0
    told = capsys.readouterr()
    assert "The search was stopped." in told.err
    assert [line.split(":")[0] for line in told.out.splitlines()[:3]] == [
        "trial 1",
        "trial 2",
        "best",
    ]


def test_the_task_of_a_recipe_is_found_where_only_one_has_it(capsys):
    vary = ["--vary", "dropout=0..0.5"]
    assert search_of("guide-16", *vary).base.task == "seven-segment"
    assert main(["search", "fast", *vary, "--trials", "0"]) == 2
    assert "each have a recipe called 'fast': choose one by --task" in capsys.readouterr().err


def test_simple_methods_are_printed_beside_a_network(capsys):
    words = ["baselines", "seven-segment", "--share", "0.1", "--model", "seven-segment"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert out.startswith("trained on 2,200 of 2,200 examples\n\nbit flip at 0.15, 1 in 11 clean:")
    assert "11,000 examples, best possible on average 65.57 %" in out
    clean = out.split("clean patterns: 10 examples")[1]
    assert re.search(r"Logistic regression +100.00 % +exact +\d+\.\d s +80 weights\n", clean)
    assert re.search(r"Majority guess +10.00 % +exact +\d+\.\d s +1 answer\n", clean)
    assert "only seven-segment right: 9; only majority guess: 0\n" in clean
    assert re.search(r"only majority guess: \d+; McNemar's test, after Holm: p < 0.001\n", out)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["handwritten", "--data", "nowhere"], "no data set called 'nowhere'"),
        (["handwritten", "--data", "built-in", "--noise", "fog"], "--noise-level 0.2"),
        (["seven-segment", "--share", "2"], "share=2"),
        (["seven-segment", "--noise-level", "0.9"], "noise level in 0..0.5"),
        (["seven-segment", "--model", "handwritten"], "handwritten reads handwritten digits"),
    ],
)
def test_simple_methods_for_data_that_is_not_there_are_refused(capsys, words, why):
    assert main(["baselines", *words]) == 2
    assert why in capsys.readouterr().err
