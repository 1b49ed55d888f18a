"""What is sent along with a workbook: set aside beside it, and never taken for it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.filled import FORM, LAYOUT
from support.jobs import GOOD, NOON, candidate, codes, filled, outcomes, run
from xltools.identify.witnesses import Witnesses
from xltools.inbox import pool
from xltools.inbox.reading import Reading
from xltools.model.file_kinds import PAPERS, FileKind
from xltools.model.findings import finding
from xltools.model.identity import Identity
from xltools.model.record import DocumentRecord, Origin, ReturnRecord
from xltools.model.returns import Return, Status
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Outcome, Place, standings
from xltools.model.wording import in_words
from xltools.output.data import report
from xltools.report.word import Paper, build
from xltools.settle.judge import compare_companions, digest, judge
from xltools.settle.versions import along_with_workbooks, settle

UNITS = (Unit(name="民政局", email="mzj@sc.cn"), Unit(name="教育局", email="jyj@sc.cn"),
         Unit(name="招生办", email="jyj@sc.cn"))  # fmt: skip
PDF, PNG = b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n"
RTF = b"{\\rtf1 }"

BLANK = Return(
    identity=None,
    numbers=[1] * len(FORM.items),
    statuses=[Status.GIVEN] * len(FORM.items),
    places=[None] * len(FORM.items),
)


def decided(
    files: str,
    *,
    workbooks: str,
    roster: bool = True,
    code: str = "F-01",
    kind: FileKind | None = FileKind.PDF,
) -> dict[str, tuple[str, bool]]:
    """Of papers (path, or path:sender) beside workbooks (path=unit): the unit, and whether it is
    a companion.
    """
    records: list[DocumentRecord] = []
    for word in workbooks.split():
        path, _, unit = word.partition("=")
        records.append(
            ReturnRecord(source=Origin(path=path), ret=BLANK, outcome=Outcome.REJECTED, unit=unit)
        )
    for word in files.split():
        path, _, sender = word.partition(":")
        source = Origin(path=path, kind=kind, senders=(sender,) if sender else ())
        records.append(
            DocumentRecord(source=source, outcome=Outcome.UNREADABLE, findings=(finding(code),))
        )
    witnesses = Witnesses(FORM, Roster(units=UNITS), records) if roster else None
    return placed(records, witnesses)


def placed(
    records: list[DocumentRecord], witnesses: Witnesses | None
) -> dict[str, tuple[str, bool]]:
    """The unit of each document that was given one, and whether it is a companion."""
    found = [
        after
        for before, after in zip(
            records, along_with_workbooks(FORM, records, witnesses), strict=True
        )
        if after != before
    ]
    assert all((r.outcome is Outcome.IGNORED) is r.companion for r in found)
    return {r.path: (r.unit, r.companion) for r in found}


@pytest.mark.parametrize(
    ("file", "workbooks", "expected"),
    [
        ("民政局.pdf", "1.xls=民政局", ("民政局", True)),
        ("民政局.pdf", "1.xls=教育局", ("民政局", False)),
        ("民政局.pdf", "", ("民政局", False)),
        ("1.pdf", "1.xls=民政局", None),
        ("1.pdf:mzj@sc.cn", "1.xls=民政局", ("民政局", True)),
        ("1.pdf:mzj@sc.cn", "", ("民政局", False)),
        ("1.pdf:x@qq.com", "1.xls=民政局", None),
        ("a.eml/1.pdf", "a.eml/1.xls=民政局", ("民政局", True)),
        ("a.eml/b.zip/1.pdf", "a.eml/1.xls=民政局", ("民政局", True)),
        ("甲/1.pdf", "甲/1.xls=民政局", ("民政局", True)),
        ("甲/1.pdf", "甲/1.xls=民政局 甲/2.xls=教育局", None),
        ("甲/1.pdf", "甲/1.xls=民政局 甲/2.xls=民政局", ("民政局", True)),
        ("甲/乙/1.pdf", "甲/1.xls=民政局 丙/2.xls=教育局", ("民政局", True)),
        ("a.eml/1.pdf:jyj@sc.cn", "a.eml/1.xls=招生办 2.xls=教育局", ("招生办", True)),
        ("b.eml/1.pdf:jyj@sc.cn", "a.eml/1.xls=招生办 2.xls=教育局", None),
        ("甲/教育局.pdf", "甲/1.xls=民政局", ("教育局", False)),
    ],
)
def test_whose_a_paper_is(file: str, workbooks: str, expected: tuple[str, bool] | None) -> None:
    found = decided(file, workbooks=workbooks)
    assert found.get(file.partition(":")[0]) == expected


def test_without_a_roster_the_workbooks_name_the_units() -> None:
    files = "民政局.pdf 教育局.pdf"
    assert decided(files, workbooks="1.xls=民政局", roster=False) == {
        "民政局.pdf": ("民政局", True)
    }


def test_a_document_that_was_read_but_is_nobodys_goes_with_the_workbook_beside_it() -> None:
    book = ReturnRecord(
        source=Origin(path="a.eml/1.xls"), ret=BLANK, outcome=Outcome.REJECTED, unit="民政局"
    )
    paper = ReturnRecord(
        source=Origin(path="a.eml/报告.docx", kind=FileKind.WORD),
        ret=replace(BLANK, document=True),
        outcome=Outcome.REJECTED,
    )
    alone = replace(paper, source=replace(paper.source, path="b.eml/报告.docx"))
    witnesses = Witnesses(FORM, Roster(units=UNITS))
    assert placed([book, paper, alone], witnesses) == {paper.path: ("民政局", True)}


def test_what_could_not_be_got_at_is_no_companion() -> None:
    assert decided("民政局.pdf", workbooks="1.xls=民政局", code="F-06") == {}


def test_a_damaged_workbook_is_of_its_unit_and_no_companion() -> None:
    found = decided("民政局.xlsx", workbooks="1.xls=民政局", kind=None)
    assert found == {"民政局.xlsx": ("民政局", False)}
    assert decided("a.eml/1.xlsx", workbooks="a.eml/1.xls=民政局", kind=None) == {}


def test_what_could_not_be_read_is_settled_by_a_later_return(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "民政局.xlsx", "民政局", GOOD)
    bad = inbox / "民政局（盖章）.xlsx"
    bad.write_bytes(b"PK\x03\x04 damaged")
    os.utime(bad, (1_768_000_000, 1_768_000_000))
    summary = run(inbox, *UNITS[:1])
    assert outcomes(summary) == {"民政局.xlsx": "merged", bad.name: "superseded"}
    assert codes(summary) == ["D-01"]
    assert summary.clean
    os.utime(inbox / "民政局.xlsx", (1_767_000_000, 1_767_000_000))
    summary = run(inbox, *UNITS[:1])
    assert outcomes(summary) == {"民政局.xlsx": "merged", bad.name: "unreadable"}
    assert not summary.clean


def test_a_report_that_says_only_half_whose_it_is_goes_with_the_workbook(tmp_path: Path) -> None:
    inbox = tmp_path / "in" / "民政局"
    filled(inbox / "1.xlsx", "民政局", GOOD)
    numbers = [GOOD.get(i.name, 0) if i.formula is None else None for i in FORM.items]
    figures = ["" if n is None else str(n) for n in numbers]
    at = FORM.by_name["t3.secret.legal"]
    figures[at] = "8"
    paper = Paper(agency="本局", year=2025, date="2026年1月9日", figures=figures)
    (inbox / "报告.docx").write_bytes(build(LAYOUT, paper))
    summary = run(tmp_path / "in", *UNITS)
    assert outcomes(summary) == {"民政局/1.xlsx": "merged", "民政局/报告.docx": "ignored"}
    differing = [f for f in summary.findings if f.code == "D-06"]
    (told,) = differing
    assert (told.path, told.items, in_words(told.expected)) == (
        "民政局/1.xlsx", ("t3.secret.legal",), "8",
    )  # fmt: skip
    assert "报告.docx" in in_words(told.detail)


def test_papers_beside_a_workbook_and_papers_instead_of_one(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "民政局" / "1.xlsx", "民政局", GOOD)
    (inbox / "民政局" / "盖章.png").write_bytes(PNG)
    (inbox / "民政局" / "盖章2.png").write_bytes(PNG)
    (inbox / "民政局的报告.rtf").write_bytes(RTF)
    (inbox / "教育局.pdf").write_bytes(PDF)
    (inbox / "不知谁的.pdf").write_bytes(PDF)
    summary = run(inbox, *UNITS)
    assert outcomes(summary) == {
        "民政局/1.xlsx": "merged", "民政局/盖章.png": "ignored", "民政局/盖章2.png": "ignored",
        "民政局的报告.rtf": "ignored", "教育局.pdf": "unreadable", "不知谁的.pdf": "unreadable",
    }  # fmt: skip
    assert sorted(f.path for f in summary.findings) == ["不知谁的.pdf", "教育局.pdf"]
    assert set(codes(summary)) == {"F-02"}
    stands = {s.unit.name: s for s in standings(summary)}
    assert stands["民政局"].place is Place.MERGED
    assert [d.path for d in stands["民政局"].documents] == ["民政局/1.xlsx"]
    assert [d.kind for d in stands["民政局"].companions] == [
        FileKind.IMAGE, FileKind.IMAGE, FileKind.RTF,
    ]  # fmt: skip
    assert stands["教育局"].place is Place.REJECTED
    assert "PDF" in in_words(stands["教育局"].documents[0].reason)
    assert summary.missing == ("招生办",)
    told = {d["path"]: d.get("companion", False) for d in report(summary)["documents"]}
    assert [path for path, companion in told.items() if companion] == [
        "民政局/盖章.png", "民政局/盖章2.png", "民政局的报告.rtf",
    ]  # fmt: skip


def test_senders_travel_with_documents_and_can_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "a.xlsx", "民政局", GOOD)

    read = pool.Workers.read

    def mailed(*args: Any) -> Iterator[tuple[int, list[Reading]]]:
        senders = ("outer@sc.cn", "mzj@sc.cn")
        for number, readings in read(*args):
            yield (
                number,
                [
                    replace(
                        r,
                        source=replace(r.source, senders=senders, kind=FileKind.XLSX, file="b.eml"),
                    )
                    for r in readings
                ],
            )

    monkeypatch.setattr(pool.Workers, "read", mailed)
    summary = run(inbox, *UNITS)
    assert [(d.sender, d.kind, d.file) for d in summary.documents] == [
        ("mzj@sc.cn", FileKind.XLSX, "b.eml")
    ]
    (one,) = report(summary)["documents"]
    assert (one["sender"], one["kind"], one["file"]) == ("mzj@sc.cn", "Excel（.xlsx）", "b.eml")
    assert "sender" not in report(summary, contacts=False)["documents"][0]


def test_a_document_never_supersedes_a_workbook() -> None:
    book = candidate("a.xlsx", NOON)
    later = candidate("b.docx", NOON + timedelta(days=9), extra=2)
    places = LAYOUT.addresses
    book = replace(book, ret=replace(book.ret, places=places))
    paper = replace(later, ret=replace(later.ret, document=True, places=places))
    done = settled(book, paper)
    assert [(c.outcome, c.companion) for c in done] == [
        (Outcome.MERGED, False), (Outcome.IGNORED, True),
    ]  # fmt: skip
    assert done[1].findings == ()
    assert {f.code for f in done[0].findings} == {"D-06"}
    assert {f.items[0] for f in done[0].findings} == {i.name for i in FORM.inputs()}
    source = replace(book.source, path="b.docx")
    same = replace(book, source=source, ret=replace(book.ret, document=True))
    done = settled(same, book)
    assert [(c.companion, c.findings) for c in done] == [(True, ()), (False, ())]
    done = settled(paper)
    assert [(c.outcome, c.companion) for c in done] == [(Outcome.MERGED, False)]


def settled(*returns: ReturnRecord) -> list[DocumentRecord]:
    """What becomes of the returns of a unit, which are taken to be checked."""
    return judge(compare_companions(FORM, settle(FORM, returns)), frozenset())


def told(one: DocumentRecord) -> set[str]:
    return {f.code for f in one.findings}


def dated(path: Path, when: datetime) -> None:
    os.utime(path, (when.timestamp(), when.timestamp()))


def test_a_document_that_was_sent_back_is_not_compared_with_what_came_of_it() -> None:
    """Else what the unit was asked to correct would be asked again, for ever."""
    first, book = candidate("a.xlsx", NOON), candidate("c.xlsx", NOON + timedelta(days=9), extra=1)
    paper = candidate("b.docx", NOON, extra=2)
    made = []
    for one, document, answers in (
        (first, False, ""), (paper, True, ""), (book, False, digest("b" * 64)),
    ):  # fmt: skip
        identity = Identity(kind="return", answers=f"0000 {answers}")
        ret = replace(one.ret, places=LAYOUT.addresses, identity=identity, document=document)
        sha256 = "b" * 64 if document else ""
        made.append(replace(one, source=replace(one.source, sha256=sha256), ret=ret))
    first, paper, book = made
    assert [told(c) for c in settled(first, paper)] == [{"D-06"}, set()]
    done = settled(first, paper, book)
    assert [told(c) for c in done] == [{"D-01"}, set(), set()]
    newer = replace(paper, source=replace(paper.source, sha256="d" * 64, path="d.docx"))
    done = settled(first, paper, book, newer)
    assert [told(c) for c in done] == [{"D-01"}, set(), {"D-06"}, set()]


def test_what_was_superseded_is_not_compared() -> None:
    """The workbook that is sent back is asked about, be it not the first."""
    bad = finding("V-02")
    made = [candidate("a.xlsx", NOON, extra=3), candidate("b.xlsx", NOON + timedelta(days=1)),
            candidate("c.docx", NOON, extra=2)]  # fmt: skip
    first, last, paper = (
        replace(one, ret=replace(
            one.ret, places=LAYOUT.addresses, document=one.path == "c.docx"))
        for one in made
    )  # fmt: skip
    done = settled(first, replace(last, findings=(bad,)), paper)
    assert [told(c) for c in done] == [{"D-01"}, {"V-02", "D-06"}, set()]


def test_what_could_not_be_read_is_made_good_by_a_later_return(tmp_path: Path) -> None:
    """Its unit by its name; nothing later, or nothing known of it, and it stays open."""
    inbox = tmp_path / "in"
    for name in ("民政局.xlsx", "教育局（更正）.xlsx", "不知.xlsx"):
        inbox.mkdir(exist_ok=True)
        (inbox / name).write_bytes(b"PK\x03\x04 damaged")
        dated(inbox / name, NOON)
    filled(inbox / "民政局2.xlsx", "民政局", GOOD)
    dated(inbox / "民政局2.xlsx", NOON + timedelta(hours=1))
    filled(inbox / "教育局.xlsx", "教育局", GOOD)
    dated(inbox / "教育局.xlsx", NOON - timedelta(hours=1))
    summary = run(inbox, *UNITS)
    assert outcomes(summary) == {
        "民政局.xlsx": "superseded", "民政局2.xlsx": "merged", "不知.xlsx": "unreadable",
        "教育局（更正）.xlsx": "unreadable", "教育局.xlsx": "merged",
    }  # fmt: skip
    assert {d.unit for d in summary.documents if d.path == "民政局.xlsx"} == {"民政局"}


def test_papers_are_named_as_the_reader_names_kinds() -> None:
    from xltools.readers import kinds

    for data in (PDF, PNG, RTF):
        assert kinds.kind(data) in PAPERS
    for member in ("word/document.xml", "ofd.xml", "ppt/presentation.xml"):
        assert kinds.zipped(frozenset([member]), "") in PAPERS
    assert kinds.zipped(frozenset(), "application/vnd.oasis.opendocument.text") in PAPERS
