"""Whatever an inbox holds: every document is accounted for once, and the counts add up."""

from __future__ import annotations

import os
import tempfile
import zipfile
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from io import BytesIO
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.filled import FORM, LAYOUT
from support.hostile import Case, every
from support.inboxes import YEAR, filled_in, outlook, template, values
from support.summaries import summary_bytes
from xltools.model.numbers import stored
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Summary
from xltools.output.data import counts, report
from xltools.output.json_text import json_pieces
from xltools.steps import Job, collect

UNITS = ("甲局", "乙局", "丙局", "丁局")
ROSTER = Roster(units=tuple(Unit(name=n, email=f"u{n}@example.cn") for n in UNITS))
OUTSIDE = "外省某局"
SMALL = 200_000  # bytes: of the hostile files the small ones, so that an example takes a second


@cache
def kit() -> tuple[Case, ...]:
    cases = [c for c in every() if len(c.data) < SMALL and c.name.partition("/")[0] != "bombs"]
    return tuple(cases[::7])


@cache
def kinds() -> dict[str, bytes]:
    """The kinds of files, by name; returns apart."""
    from msoffcrypto.format.ooxml import OOXMLFile

    good = filled_in("甲局", 1)
    locked = BytesIO()
    OOXMLFile(BytesIO(good)).encrypt("谁也不知道", locked)
    nothing = collect_of(Path(tempfile.mkdtemp()))
    return {
        "空白.xlsx": template("乙局"),
        "汇总.xlsx": summary_bytes(nothing, LAYOUT, Path()),
        "报告.docx": word(),
        "报告.pdf": b"%PDF-1.7\n%%EOF",
        "扫描.jpg": b"\xff\xd8\xff\xe0" + bytes(100),
        "~$甲局.xlsx": b"\5admin" + bytes(100),
        ".DS_Store": b"\0\0\0\1Bud1",
        "Thumbs.db": b"x",
        "坏.xlsx": good[: len(good) // 2],
        "锁.xlsx": locked.getvalue(),
        "外.xlsx": filled_in(OUTSIDE, 2),
        "空.xlsx": b"",
        "说明.txt": "请查收。".encode(),
    }


def word() -> bytes:
    from docx import Document

    document = Document()
    document.add_paragraph("关于报送年度报告的函")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


LEAF = st.one_of(
    st.tuples(st.just("return"), st.sampled_from(UNITS), st.integers(1, 2)),
    st.tuples(st.just("return"), st.sampled_from(UNITS), st.integers(1, 2)),
    st.tuples(st.just("kind"), st.integers(0, 12), st.just(0)),
    st.tuples(st.just("kit"), st.integers(0, 200), st.just(0)),
)
ENTRY = st.one_of(
    LEAF,
    LEAF,
    st.tuples(st.sampled_from(["zip", "eml", "msg", "folder"]), st.lists(LEAF, max_size=3)),
)


def leaf(what: str, which: str | int, seed: int) -> tuple[str, bytes]:
    if what == "return":
        return f"{which}.xlsx", filled_in(str(which), seed)
    if what == "kit":
        case = kit()[int(which) % len(kit())]
        return case.name.rpartition("/")[2], case.data
    return list(kinds().items())[int(which)]


def put(folder: Path, number: int, entry: tuple[object, ...]) -> None:
    """Write one entry of an inbox, its name made unique; dates follow the order."""
    what, *rest = entry
    if len(rest) == 2:
        name, data = leaf(str(what), rest[0], int(str(rest[1])))  # type: ignore[arg-type]  # as LEAF draws them
        # The names that systems and editors give their files stay as they are.
        own = name if name.startswith((".", "~")) else f"{number}-{name}"
        path = folder / own
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    else:
        inside = [leaf(*one) for one in rest[0]]  # type: ignore[attr-defined]  # likewise
        path = folder / f"{number}.{what}"
        if what == "folder":
            path.mkdir()
            for at, (name, data) in enumerate(inside):
                (path / f"{at}-{name}").write_bytes(data)
        else:
            path.write_bytes(wrap(str(what), inside))
    moment = datetime(2026, 1, 1 + number, 9).timestamp()
    os.utime(path, (moment, moment))


def wrap(what: str, inside: list[tuple[str, bytes]]) -> bytes:
    if what == "zip":
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for at, (name, data) in enumerate(inside):
                archive.writestr(f"{at}/{name}", data)
        return out.getvalue()
    sender, sent = "u甲局@example.cn", datetime.fromisoformat("2026-01-08T09:30:00+08:00")
    if what == "msg":
        return outlook(sender, sent, "年报", dict(inside))
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "u@example.cn", "年报"
    mail.set_content("请查收。")
    for name, data in inside:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def collect_of(inbox: Path) -> Summary:
    job = Job(layout=LAYOUT, inbox=inbox, year=YEAR, roster=ROSTER)
    return collect(job)


@given(entries=st.lists(ENTRY, min_size=12, max_size=25))
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_counts_add_up(entries: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        inbox = Path(name)
        for number, entry in enumerate(entries):
            put(inbox, number, entry)
        summary = collect_of(inbox)
        again = collect_of(inbox)
        files = {p.relative_to(inbox).as_posix() for p in inbox.rglob("*") if p.is_file()}
    told = counts(summary)
    assert told.pop("received") == len(summary.documents) == sum(told.values())
    paths = [d.path for d in summary.documents]
    assert len(set(paths)) == len(paths)
    assert {d.file or d.path for d in summary.documents} == files
    merged = {d.path for d in summary.documents if d.outcome.value == "merged"}
    assert merged == {e.document.path for e in summary.entries}
    assert len({e.unit.name for e in summary.entries}) == len(summary.entries)
    for one in summary.entries:
        own = {i.name: stored(one.numbers[i.index]) for i in FORM.items}
        assert own in (values(1), values(2)), one.document.path
    totals = [sum(e.numbers[i.index] for e in summary.entries) for i in FORM.items]
    assert list(summary.totals) == totals
    data = "".join(json_pieces(report(summary)))
    assert data == "".join(json_pieces(report(again)))
    told_of = {f.path for f in summary.findings}
    lost = {d.path for d in summary.documents if d.outcome.value in ("rejected", "unreadable")}
    assert lost <= told_of, "nothing is sent back without a word"
