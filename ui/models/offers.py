"""What a saved model can be taken away as, in the words of the Models page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.export import html_page, int8, microcontroller, model_files, onnx_file, run_code
from core.export.format import Format
from core.models.saved_model import SavedModel
from ui.models.microcontroller import needs_with_floats, needs_with_integers


@dataclass(frozen=True)
class Offer:
    """A file that a person can take away.

    Args:
        format: what is made, and how.
        title: what it is, in a few words with the exact term.
        good_for: one sentence, as Markdown: for whom it is good, and what opens it.
        button: label of the button that downloads it, such as "Download Keras file".
        facts: `(model) -> Markdown`: what it takes where it is used; raises ModelUnusable if the
            model cannot be given so. Defaults to nothing.
    """

    format: Format
    title: str
    good_for: str
    button: str
    facts: Callable[[SavedModel], str] = lambda model: ""


@dataclass(frozen=True)
class Purpose:
    """A place where a network is used, with the files for it.

    Args:
        name: short and stable.
        label: what a person chooses, with an icon.
        offers: the files, the one to take first. A purpose without any is not shown.
    """

    name: str
    label: str
    offers: tuple[Offer, ...]


PURPOSES = (
    Purpose(
        "browser",
        ":material/language: In a browser, offline",
        (
            Offer(
                html_page.HTML,
                "HTML page",
                "The network with its own page in one file: open it on a computer or a phone,"
                " from a USB stick or an email, without internet or Digit Lab. Its answers are"
                " those of Digit Lab. It reads what is drawn on it, not photographs.",
                "Download HTML page",
            ),
        ),
    ),
    Purpose(
        "microcontroller",
        ":material/memory: On a microcontroller",
        (
            Offer(
                microcontroller.C_INT8,
                "C project with 8-bit weights (C99, int8)",
                "For an Arduino, an ESP32 or any other microcontroller: C sources without a heap,"
                " an Arduino sketch, and a test with answers of Digit Lab. Rounding the weights to"
                " 8 bits saves up to three quarters of the flash; the accuracy with them is"
                " measured while the project is made.",
                "Download C project with 8-bit weights",
                needs_with_integers,
            ),
            Offer(
                microcontroller.C_FLOAT,
                "C project with float weights (C99, float32)",
                "The same with the weights as they are: the answers of Digit Lab, for up to four"
                " times the flash.",
                "Download C project with float weights",
                needs_with_floats,
            ),
        ),
    ),
    Purpose(
        "python",
        ":material/code: In Python",
        (
            Offer(
                model_files.KERAS,
                "Keras file",
                "To train it further or change it. `keras.models.load_model` opens it, in Keras 3.8"
                " and later.",
                "Download Keras file",
            ),
            Offer(
                run_code.NOTEBOOK,
                "Notebook (Jupyter)",
                "To see how it was made and try something else: data, network, training and test,"
                " explained cell by cell.",
                "Download notebook",
            ),
            Offer(
                run_code.SCRIPT,
                "Keras script",
                "The same training as a plain Python program, without explanations.",
                "Download script",
            ),
        ),
    ),
    Purpose(
        "programs",
        ":material/apps: In other programs",
        (
            Offer(
                onnx_file.ONNX,
                "ONNX file",
                "For programs in C#, Java, JavaScript, C++, Rust or Python, with ONNX Runtime."
                " Its answers are those of Digit Lab, and it tells what its classes are.",
                "Download ONNX file",
            ),
            Offer(
                model_files.LITERT,
                "LiteRT file (TensorFlow Lite)",
                "For apps on Android and iPhone and on small computers such as a Raspberry Pi:"
                " it answers fast and needs little memory.",
                "Download LiteRT file",
            ),
            Offer(
                int8.INT8,
                "LiteRT file in whole numbers (int8)",
                "For machines with little memory or without a floating-point unit. Read like the"
                " LiteRT file: numbers go in and come out as before.",
                "Download int8 file",
            ),
        ),
    ),
)
