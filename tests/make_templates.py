"""Make templates/ anew: ``python tests/make_templates.py``."""

from pathlib import Path

from xltools.forms.declaration import load
from xltools.layout.places import lay_out
from xltools.template.build import build
from xltools.template.opening import Subject

FOLDER = Path(__file__).parent.parent / "templates"
YEARS = (2025, 2026)
PASSWORD = "xltools"


def main() -> None:
    """A blank workbook a year, without a unit."""
    layout = lay_out(load("zfxxgk-2021"))
    FOLDER.mkdir(exist_ok=True)
    for year in YEARS:
        path = FOLDER / f"{year}年{layout.form.short}（空白）.xlsx"
        path.write_bytes(build(layout, Subject(year=year), PASSWORD))


if __name__ == "__main__":
    main()
