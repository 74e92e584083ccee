"""What a task's answers and examples are called, and the names of classes inside sentences."""

from __future__ import annotations


def plural(noun: str) -> str:
    """Returns a noun in the plural: "digits", "classes"."""
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def all_of(name: str, *, mark: str = "") -> str:
    """Returns all examples of a class as a sentence calls them: "3s", "examples of circle".

    Args:
        name: of the class.
        mark: Markdown around the name. Defaults to none.
    """
    return f"{mark}{name}{mark}s" if name.isdigit() else f"examples of {mark}{name}{mark}"


def of_noun(words: str, noun: str) -> str:
    """Returns a text about digits for another kind of answer: "One digit" as "One shape"."""
    return words.replace("digits", plural(noun)).replace("digit", noun)
