"""What one can do here, and where each page leads on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Step = tuple[str, str, str]  # the page's file, an icon, and a sentence that is its link

# The start page's own lesson comes first, under these.
OVERVIEW: Sequence[Step] = (
    ("pages/draw.py", ":material/draw:", "**Draw** a digit and have it read."),
    ("pages/train.py", ":material/model_training:", "**Train** a network and watch it learn."),
    ("pages/noise.py", ":material/show_chart:", "**Add noise** and see the accuracy fall."),
    ("pages/inside.py", ":material/biotech:", "**Look inside** to see how it decides."),
    ("pages/handwriting.py", ":material/edit_note:", "**Teach** it your own handwriting."),
)

# By the title of a page.
NEXT: Mapping[str, Sequence[Step]] = {
    "Seven segments": (
        ("pages/draw.py", ":material/draw:", "Draw a digit yourself and have it read."),
        (
            "pages/noise.py",
            ":material/show_chart:",
            "See how fast the accuracy falls as more lamps fail.",
        ),
        ("pages/atlas.py", ":material/grid_view:", "See the answers to all 128 patterns at once."),
    ),
    "Draw": (
        ("pages/inside.py", ":material/biotech:", "Follow your digit through the network."),
        ("pages/handwriting.py", ":material/edit_note:", "Teach a network your handwriting."),
    ),
    "Your handwriting": (
        ("pages/draw.py", ":material/draw:", "Draw digits and have your network read them."),
        (
            "pages/compare.py",
            ":material/balance:",
            "Compare your network with the one that it came from.",
        ),
    ),
    "Data": (
        ("pages/train.py", ":material/model_training:", "Train a network on these examples."),
        ("pages/evaluate.py", ":material/fact_check:", "See which of them a network gets wrong."),
    ),
    "Your table": (
        ("pages/train.py", ":material/model_training:", "Train a network."),
        ("pages/dataset.py", ":material/dataset:", "See what a network would learn from."),
    ),
    "Train": (
        ("pages/runs.py", ":material/compare_arrows:", "Change one setting and compare the runs."),
        (
            "pages/evaluate.py",
            ":material/fact_check:",
            "See which examples a network gets wrong.",
        ),
        ("pages/inside.py", ":material/biotech:", "Look inside a saved network."),
    ),
    "Compare runs": (
        ("pages/train.py", ":material/model_training:", "Train a network."),
        ("pages/search.py", ":material/manage_search:", "Have the computer look for settings."),
        ("pages/compare.py", ":material/balance:", "Compare the networks that you saved."),
    ),
    "Search": (
        ("pages/train.py", ":material/model_training:", "Train a network and watch it learn."),
        ("pages/runs.py", ":material/compare_arrows:", "Compare runs of a search in detail."),
    ),
    "Atlas": (
        ("pages/seven_segment.py", ":material/counter_7:", "Click a pattern together yourself."),
        ("pages/noise.py", ":material/show_chart:", "See what faults do to the accuracy."),
    ),
    "Noise": (
        ("pages/evaluate.py", ":material/fact_check:", "See the mistakes themselves."),
        ("pages/train.py", ":material/model_training:", "Train a network that has seen noise."),
    ),
    "Evaluate": (
        ("pages/inside.py", ":material/biotech:", "Look into a mistake: what did the network see?"),
        ("pages/compare.py", ":material/balance:", "Compare two networks on the same examples."),
    ),
    "Inside": (
        ("pages/draw.py", ":material/draw:", "Draw a digit and follow it."),
        ("pages/evaluate.py", ":material/fact_check:", "See all of this network's mistakes."),
    ),
    "Compare models": (
        ("pages/models.py", ":material/inventory_2:", "See what each network was trained on."),
        ("pages/noise.py", ":material/show_chart:", "See which of them bears noise best."),
    ),
    "Models": (
        ("pages/draw.py", ":material/draw:", "Draw a digit and have a network read it."),
        ("pages/train.py", ":material/model_training:", "Train a network of your own."),
    ),
    "API": (
        ("pages/train.py", ":material/model_training:", "Train a network to ask over HTTP."),
        ("pages/models.py", ":material/inventory_2:", "Take a network away as a file."),
    ),
}
