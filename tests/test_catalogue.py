"""Every code of the catalogue: a mistake that provokes it alone, and its remedy, followed.

A new code needs one case in support/catalogue_cases.py, in DRAFTED (what the check says of figures
and texts) or in SENT (what comes of a file in the inbox): the mistake, and what its remedy tells
to do; where that leaves a choice, each of the ways. Only a note may go without: then its remedy
must be empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import make_catalogue
from support.catalogue_cases import DRAFTED, SENT
from support.desk import Act, Desk
from support.filled import FORM, LAYOUT, Draft, consistent
from support.mistakes import (
    TOWN,
)
from xltools.checks.run import check
from xltools.cli.app import app
from xltools.inbox import pool
from xltools.model.findings import SHARED, Finding, Topic, catalogue
from xltools.model.form import Severity
from xltools.model.limits import Limits, use
from xltools.model.roster import Texts
from xltools.model.text import columns
from xltools.readers.containers import rar
from xltools.reply.mail import whom_to_write


@pytest.mark.parametrize("code", DRAFTED)
def test_a_mistake_in_a_return_and_its_remedy(code: str) -> None:
    typed, mistake, remedy = DRAFTED[code]
    draft = consistent(1, typed=typed)
    assert found(draft) == ()
    mistake(draft)
    if code not in ("C-02", "C-04"):
        draft.recalculate()
    assert [f.code for f in found(draft)] == [code]
    if remedy is None:
        assert not words(code)
        return
    remedy(draft)
    draft.recalculate()
    assert [f.code for f in found(draft) if f.open or not f.explanation] == []


def found(draft: Draft) -> tuple[Finding, ...]:
    return check(LAYOUT, draft.made(), category=TOWN, text=Texts.REQUIRED, limit=0)


def words(code: str) -> str:
    """What the catalogue tells to do, for a note: nothing."""
    entry = catalogue()[code]
    assert entry.severity is Severity.NOTE, "what asks for something must say what to do"
    return entry.remedy


def sheet_of(item: str) -> str:
    return LAYOUT.address(FORM.by_name[item]).sheet


def ways(code: str) -> tuple[Act | None, ...]:
    remedy = SENT[code][1]
    return remedy if isinstance(remedy, tuple) else (remedy,)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path, monkeypatch)
    monkeypatch.setattr(pool.Workers, "read", lambda _workers, files, _progress: made.read(files))
    yield made
    use(Limits())
    made.programs(there=True)


@pytest.mark.parametrize(("code", "way"), [(c, n) for c in SENT for n in range(len(ways(c)))])
def test_a_mistake_in_a_file_and_its_remedy(
    code: str, way: int, desk: Desk, request: pytest.FixtureRequest
) -> None:
    if code == "F-11":
        request.getfixturevalue("soffice")
    if code == "F-09" and not rar.installed_programs():
        pytest.skip("no program unpacks RAR")
    mistake, _, notes = SENT[code]
    mistake(desk)
    codes = desk.codes()
    assert set(codes) - notes == {code}
    if code not in ("D-02", "D-03"):  # both of two files are told
        assert codes.count(code) == 1
    remedy = ways(code)[way]
    if remedy is None:
        assert not words(code)
        return
    remedy(desk)
    # What may be left to be said asks for nothing, and the return counts.
    left = desk.codes()
    assert code not in left
    assert [c for c in left if catalogue()[c].remedy and c not in notes] == []
    assert desk.collected().entries or "I-08" in notes


def test_a_decision_that_fell_is_not_the_units_to_explain(desk: Desk) -> None:
    SENT["K-01"][0](desk)
    chosen, left = whom_to_write(desk.collected())
    assert not chosen
    assert [document.codes for document in left] == [("K-01",)]


def test_every_code_stands_in_one_of_the_tables() -> None:
    codes = [*(c for c in catalogue() if c not in SHARED), *(rule.code for rule in FORM.rules)]
    assert sorted({*DRAFTED, *SENT}) == sorted(codes)
    assert not DRAFTED.keys() & SENT.keys()


# The catalogue as it is shown.


def test_every_topic_is_that_of_some_code() -> None:
    assert set(Topic) == {topic for entry in catalogue().values() for topic in entry.about}


def test_no_module_knows_findings_by_their_codes() -> None:
    comparison = re.compile(
        r"""(?:==|!=|\bin) \(?["'][A-Z]-[0-9]{2}|["'][A-Z]-[0-9]{2}["'] [=!]="""
    )
    package = Path(__file__).parent.parent / "xltools"
    rooms = [p for p in package.iterdir() if p.name not in ("readers", "inbox")]
    modules = [
        m for room in rooms for m in ([room] if room.suffix == ".py" else room.rglob("*.py"))
    ]
    assert [m.name for m in modules if comparison.search(m.read_text("utf-8"))] == []


def test_the_page_is_made_from_the_catalogue() -> None:
    """If not: python tests/make_catalogue.py."""
    page = make_catalogue.PAGE.read_text("utf-8")
    assert page == make_catalogue.text()
    for code in (*DRAFTED, *SENT):
        assert page.count(f"| {code} |") >= 1


def test_rules_prints_every_code_in_80_columns() -> None:
    done = CliRunner().invoke(app, ["rules"])
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert max(map(columns, lines)) <= 80
    first = [line.split()[0] for line in lines if re.match(r"  [A-Z]", line)]
    assert sorted(first) == sorted({*DRAFTED, *SENT})
    assert "处理：请单位核对，有误的改正，无误的在“校验”页说明原因。" in done.output
    joined = "".join(done.output.split())
    for entry in catalogue().values():
        if entry.code not in SHARED:
            assert "".join(entry.meaning.split()) in joined
            assert "".join(entry.remedy.split()) in joined


def test_rules_as_data() -> None:
    import json

    data = json.loads(CliRunner().invoke(app, ["rules", "--json"]).output)
    assert data["form"] == FORM.name
    codes = {one["code"]: one for one in data["codes"]}
    assert sorted(codes) == sorted({*DRAFTED, *SENT})
    assert codes["T3-02"]["rule"] == "t3.closed"
    assert codes["F-01"]["severity"] == "fatal"
    assert not codes["F-01"]["acceptable"]
    assert all(one["meaning"] and one["remedy"] for one in codes.values())


def test_every_code_that_asks_says_what_to_do() -> None:
    for entry in catalogue().values():
        assert entry.remedy or entry.severity is Severity.NOTE
        assert entry.remedy.endswith("。") or not entry.remedy
        assert entry.meaning
