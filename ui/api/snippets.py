"""The request that asks a model what is on the screen, and programs that send it.

Whatever is shown here works when it is pasted elsewhere: the tests run it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.data import Inputs

FORMS: Mapping[str, str] = {"v1": "TensorFlow Serving", "v2": "Open Inference"}
JSON = "application/json"


@dataclass(frozen=True)
class Question:
    """One input for one model, as a request over HTTP.

    Args:
        base: the server's address, without a slash at its end.
        model: name of a saved model.
        x: float32 of the model's input_shape, already rounded by `rounded`.
        form: one of FORMS.
        input_name: what the model's input is called; only the Open Inference Protocol says it.
    """

    base: str
    model: str
    x: Inputs
    form: str = "v1"
    input_name: str = "input"

    @property
    def url(self) -> str:
        """The address that is asked."""
        return self.base + self.path

    @property
    def path(self) -> str:
        """The address on the server."""
        if self.form == "v1":
            return f"/v1/models/{self.model}:predict"
        return f"/v2/models/{self.model}/infer"

    @property
    def row(self) -> str:
        """The numbers, as JSON: nested like the input, or flat for the Open Inference Protocol."""
        return nested(self.x) if self.form == "v1" else flat(self.x)

    @property
    def shape(self) -> str:
        """The shape of a batch that holds this one input, as JSON."""
        return f"[{', '.join(map(str, (1, *self.x.shape)))}]"

    def body(self, row: str, quote: Callable[[str], str] = lambda name: f'"{name}"') -> str:
        """Returns the request's body around numbers.

        Args:
            row: the numbers, or the name of a variable that holds them.
            quote: writes a key. Defaults to JSON's quotation marks.
        """
        if self.form == "v1":
            return f"{{{quote('instances')}: [{row}]}}"
        entries = {
            "name": f'"{self.input_name}"',
            "shape": self.shape,
            "datatype": '"FP32"',
            "data": row,
        }
        inside = ", ".join(f"{quote(name)}: {value}" for name, value in entries.items())
        return f"{{{quote('inputs')}: [{{{inside}}}]}}"

    @property
    def json(self) -> str:
        """The request's body as it is sent."""
        return self.body(self.row)

    def answer(self, of: str, get: Callable[[str], str] = lambda name: f'["{name}"]') -> str:
        """Returns an expression for the probabilities in an answer.

        Args:
            of: the variable that holds the answer.
            get: writes the access to an entry. Defaults to Python's.
        """
        if self.form == "v1":
            return f"{of}{get('predictions')}[0]"
        return f"{of}{get('outputs')}[0]{get('data')}"


def rounded(x: Inputs) -> Inputs:
    """Returns an input with as few decimals as a snippet shows: 2 in pictures, else 4."""
    few = np.round(x, 2 if x.ndim == 3 else 4) + 0.0  # no minus before a zero
    return few.astype(np.float32)


def nested(x: Inputs) -> str:
    """Writes an input as JSON of its own shape, one line for each row of a picture or table."""
    if x.ndim == 1:
        return f"[{', '.join(map(_number, x))}]"
    cells = [[_number(each) if x.ndim == 2 else _inside(each) for each in row] for row in x]
    return _block([f"[{line}]" for line in _aligned(cells)])


def flat(x: Inputs) -> str:
    """Writes an input's numbers as JSON in one list, one line for each row of a picture."""
    if x.ndim == 1:
        return nested(x)
    return _block(_aligned([[_number(value) for value in row.ravel()] for row in x]))


def curl(question: Question) -> str:
    """Returns the request as a command for a Unix shell."""
    return (
        f"curl {shlex.quote(question.url)} \\\n"
        f"  --header 'Content-Type: {JSON}' \\\n"
        f"  --data {shlex.quote(question.json)}\n"
    )


def python(question: Question) -> str:
    """Returns the request as a Python program that needs nothing but Python."""
    return f"""\
import json
from urllib.request import Request, urlopen

row = {question.row}
question = {question.body("row")}
request = Request(
    {_text(question.url)},
    data=json.dumps(question).encode(),
    headers={{"Content-Type": "{JSON}"}},
)
with urlopen(request) as response:
    answer = json.load(response)
probabilities = {question.answer("answer")}
print(probabilities)
"""


def python_library(question: Question) -> str:
    """Returns the request as a Python program with the library that people use for its form."""
    return _requests(question) if question.form == "v1" else _tritonclient(question)


def _requests(question: Question) -> str:
    return f"""\
import requests  # pip install requests

row = {question.row}
response = requests.post(
    {_text(question.url)},
    json={question.body("row")},
    timeout=10,
)
response.raise_for_status()
probabilities = {question.answer("response.json()")}
print(probabilities)
"""


def _tritonclient(question: Question) -> str:
    scheme, _, place = question.base.partition("://")
    ssl = ", ssl=True" if scheme == "https" else ""
    return f"""\
import numpy as np
import tritonclient.http as triton  # pip install 'tritonclient[http]'

row = {nested(question.x)}
batch = np.array([row], np.float32)
asked = triton.InferInput("{question.input_name}", batch.shape, "FP32")
asked.set_data_from_numpy(batch)
with triton.InferenceServerClient({_text(place)}{ssl}) as client:
    answer = client.infer("{question.model}", [asked])
output = answer.get_response()["outputs"][0]["name"]
print(answer.as_numpy(output)[0].tolist())
"""


def javascript(question: Question) -> str:
    """Returns the request as JavaScript for a browser's console or for Node.js (a .mjs file)."""
    body = question.body("row", quote=lambda name: name)
    return f"""\
const row = {question.row};
const response = await fetch({_text(question.url)}, {{
  method: "POST",
  headers: {{ "Content-Type": "{JSON}" }},
  body: JSON.stringify({body}),
}});
const answer = await response.json();
if (!response.ok) throw new Error(answer.error);
const probabilities = {question.answer("answer", get=lambda name: f".{name}")};
console.log(JSON.stringify(probabilities));
"""


@dataclass(frozen=True)
class Language:
    """A language in which the request is shown.

    Args:
        title: what a button says.
        highlight: name of its syntax for `st.code`.
        write: writes the program.
        note: how to run it, in a sentence.
    """

    title: str
    highlight: str
    write: Callable[[Question], str]
    note: str


LANGUAGES: Mapping[str, Language] = {
    "curl": Language(
        "curl", "bash", curl, "Paste it into a terminal of macOS or Linux, or Git Bash on Windows."
    ),
    "python": Language(
        "Python", "python", python, "Save it as ask.py and run it: python ask.py. No library."
    ),
    "library": Language(
        "Python + library", "python", python_library, "Install the library, then run it."
    ),
    "javascript": Language(
        "JavaScript",
        "javascript",
        javascript,
        "Paste it into the console of this page (F12), or save it as ask.mjs: node ask.mjs.",
    ),
}


def _inside(pixel: Inputs) -> str:
    return f"[{', '.join(map(_number, pixel))}]"


def _number(value: np.float32) -> str:
    return f"{float(value):.6g}"


def _aligned(rows: list[list[str]]) -> list[str]:
    """Joins each row in columns of one width, so that a picture can be seen in its numbers."""
    width = max(len(item) for row in rows for item in row) + 1
    return [" ".join([*(f"{item},".ljust(width) for item in row[:-1]), row[-1]]) for row in rows]


def _block(lines: list[str]) -> str:
    return "[\n  " + ",\n  ".join(lines) + "\n]"


def _text(text: str) -> str:
    """Writes a text as Python and JavaScript read it."""
    return json.dumps(text)
