"""docs/formats.md says what collect does, row by row."""

from client import Office
from make_formats import PAGE, page, run


def test_formats(office: Office) -> None:
    rows = run(office)
    assert PAGE.read_text("utf-8") == page(rows), "python tests/make_formats.py makes it anew"
    merged = {r.sample.label for r in rows if any(a[0] == "已汇总" for a in r.answers)}
    assert len(merged) >= 20
