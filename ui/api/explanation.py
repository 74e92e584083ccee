"""What a beginner should know of the API: the numbers, the errors, the other addresses."""

from __future__ import annotations

import math

import streamlit as st

from core.models.saved_model import SavedModel
from core.settings import Settings
from core.tasks.base import Task
from core.text import listed
from ui.services import server
from ui.wording.phrases import plain

MOST_NAMES = 20  # of a row's inputs
ERRORS = """
| status | it means |
| --- | --- |
| **200** OK | here are the probabilities |
| **400** Bad Request | the numbers do not fit: too few, too many, or none at all |
| **404** Not Found | there is no model of that name, or no such address |
| **413** Content Too Large | more than the server takes at once: send fewer rows |
| **429** Too Many Requests | too many in a short time: wait, then go on |
| **500** and above | it is the server's fault, not yours |
"""


def row_format(task: Task) -> str:
    """Says what the numbers of one row are, and in which order."""
    if task.channel is not None:
        return (
            "A row is **7 numbers**, one for each lamp in the order a, b, c, d, e, f, g (a is on"
            " top, then clockwise, g in the middle): 1 if it is lit, 0 if not."
        )
    if len(task.input_shape) == 3:
        height, width, channels = task.input_shape
        return (
            f"A row is **one {task.example} of {height} by {width} pixels**, line by line from the"
            " top: 0 is background, 1 is the brightest ink. Each pixel has brackets of its own,"
            f" because it could have several colours; here it has {channels} (*shape"
            f" {height} × {width} × {channels}*)."
        )
    count = math.prod(task.input_shape)
    names = ""
    if task.features and len(task.features) <= MOST_NAMES:
        names = f", in this order: {plain(listed(task.features))}"
    scaled = " They are scaled as in training, not as in the table." if task.table else ""
    shape = " × ".join(map(str, task.input_shape))
    return f"A row is **{count} numbers** (*shape {shape}*){names}.{scaled}"


def answer_format(task: Task) -> str:
    """Says what the numbers of an answer are."""
    classes = [f"{index}: {plain(name)}" for index, name in enumerate(task.classes)]
    if len(classes) > MOST_NAMES:
        classes = [*classes[:MOST_NAMES], "…"]
    same = all(name == str(index) for index, name in enumerate(task.classes))
    meaning = "" if same else f" ({', '.join(classes)})"
    return (
        f"The answer holds **{len(task.classes)} probabilities** for every row, from 0 to 1, that"
        f" add up to 1: one for each {task.label}{meaning}. The largest is the network's answer."
    )


def show_explanation(task: Task, model: SavedModel, base: str) -> None:
    """Shows what the request and the answer are made of, and where to go on.

    Args:
        task: of the model.
        model: the chosen one.
        base: address of the server, without a slash at its end.
    """
    st.subheader("How to read it")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            f"- **The address** (*URL*) names the server, the model `{model.name}` and what it is"
            " to do: `predict`.\n"
            "- **The method** is POST, as for everything that sends data; GET only asks.\n"
            f"- **The body** is JSON. {row_format(task)} Send several rows at once, and they are"
            " answered together, which is faster (*a batch*).\n"
            f"- **The answer** is JSON, too. {answer_format(task)}"
        )
    with right:
        st.markdown(
            "Every answer begins with a number, the **status**. Anything but 200 comes with a"
            ' sentence, `{"error": "…"}`, that says what is wrong:\n' + ERRORS
        )
    st.subheader("Why two forms?")
    st.markdown(
        "Both ask the same network. Programs that speak to **TensorFlow Serving** or to any server"
        " of the **Open Inference Protocol** (*v2*: KServe, Triton, OpenVINO) can speak to this one"
        " without a change."
    )
    st.subheader("Limits, and other addresses")
    st.markdown(f"{limits_in_words(server.configuration())}\n\n{addresses(model, base)}")


def limits_in_words(limits: Settings) -> str:
    """Says how much one may ask for, and whether programs may train here."""
    training = (
        "Whoever has this server's token (*Authorization: Bearer*) can also **train** from a"
        " program, at `/v1/runs` and `/v1/searches`."
        if limits.api_token is not None
        else "To train from a program, whoever runs this server must give it a token"
        " (`DIGIT_LAB_API_TOKEN`)."
    )
    return (
        f"One request may hold {limits.api_rows:,} rows and {limits.api_megabytes:,} MB, and one"
        f" device may send {limits.api_rate:,} requests a second. {training}"
    )


def addresses(model: SavedModel, base: str) -> str:
    """Returns a list of what else can be asked, with links to what a browser can open."""
    opened = (
        ("/v1/models", "all models"),
        (f"/v1/models/{model.name}", "whether this model is ready"),
        (f"/v1/models/{model.name}/metadata", "the names and shapes of its input and output"),
        (f"/v2/models/{model.name}", "the same in the Open Inference Protocol"),
        ("/v1/docs", "every address, with examples to try (*OpenAPI*)"),
    )
    return "\n".join(f"- [`{path}`]({base}{path}): {words}" for path, words in opened)
