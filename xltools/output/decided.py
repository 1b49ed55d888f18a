"""The sheet 决定 of a summary: every decision that was given, and how it stands."""

from __future__ import annotations

from xltools.excel.book import CENTRE, Column, Page
from xltools.excel.text import name
from xltools.model.decisions import Columns, Kind, Standing
from xltools.output.plan import LIST_HEAD, Plan

_COLUMNS = (
    Column(title="序号", width=40, look=CENTRE),
    Column(title=Columns.UNIT, width=150),
    Column(title=Columns.KIND, width=72, look=CENTRE),
    Column(title=Columns.TARGET, width=200),
    Column(title=Columns.BASIS, width=210),
    Column(title=Columns.VALUE, width=64, look=CENTRE),
    Column(title=Columns.REASON, width=190),
    Column(title=Columns.BY, width=64, look=CENTRE),
    Column(title=Columns.DATE, width=80, look=CENTRE),
    Column(title=Columns.STATE, width=150),
)
COLOURS = {
    Standing.HOLDS: "#E2EFDA",
    Standing.FALLEN: "#F8CBAD",
    Standing.FAILED: "#F8CBAD",
    Standing.UNUSED: "#EDEDED",
}


def write(page: Page, plan: Plan) -> None:
    """The whole sheet."""
    made = plan.summary.decisions
    count = {s: sum(one.standing is s for one in made) for s in Standing}
    said = "，".join(f"{s.value} {n}" for s, n in count.items() if n)
    page.headline("决定", f"本汇总依据经办人的 {len(made)} 条决定：{said}。取自决定表。")
    looks = page.list_head(LIST_HEAD, _COLUMNS)
    for row, ruled in enumerate(made, LIST_HEAD + 1):
        one = ruled.decision
        page.sheet.write_number(row, 0, row - LIST_HEAD, looks[0])
        page.link(row, 1, plan.standing_link(one.unit), name(one.unit), looks[1])
        basis = one.basis or ruled.basis
        if one.kind in (Kind.CHOOSE, Kind.COMBINE):
            basis = basis.replace("；", "；\n")
        texts = (one.kind.value, one.target, basis, one.value, one.reason, one.by, one.date)
        for col, text in enumerate(texts, 2):
            page.text(row, col, text, looks[col])
        look = page.book.item((), bg_color=COLOURS[ruled.standing])
        page.text(row, len(_COLUMNS) - 1, ruled.words, look)
    page.list_end(LIST_HEAD, len(made), len(_COLUMNS))
