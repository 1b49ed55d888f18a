"""What a name that is not known was probably meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(word: str, names: Iterable[str]) -> str:
    """A question with the name most like a word, to stand behind a message; empty for none."""
    near = get_close_matches(word, list(names), n=1)
    return f"，是否为 {near[0]}？" if near else ""
