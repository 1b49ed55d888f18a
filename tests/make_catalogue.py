"""Make docs/catalogue.md anew: ``python tests/make_catalogue.py``."""

from pathlib import Path

from xltools.forms.declaration import available, load
from xltools.output.catalogue import page

PAGE = Path(__file__).parent.parent / "docs" / "catalogue.md"


def text() -> str:
    """The page, with the forms that come with xltools."""
    return page([load(name) for name in available()])


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text(), "utf-8", newline="\n")
