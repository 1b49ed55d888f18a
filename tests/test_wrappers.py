"""The same return in every format and every wrapper: the same figures and the same findings."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from support.client import Office
from support.filled import FORM, LAYOUT
from support.inboxes import SENT, YEAR, filled_in, outlook, values
from xltools.model.findings import Finding
from xltools.model.identity import PRINT
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Outcome, Summary
from xltools.output.data import report
from xltools.steps import Job, collect

UNIT = Unit(name="某县民政局", email="minzheng@example.cn")
SEED = 11
WITH_IDENTITY = ("xlsx", "xls", "ods", "html")
WRAPPERS = ("bare", "zip", "eml", "msg")
SHEETS = load_workbook(BytesIO(filled_in(UNIT.name, SEED))).sheetnames
# LibreOffice: comma, quotes, UTF-8, from line 1, all as shown apart from numbers, of one sheet.
CSV = f"44,34,76,1,,0,false,false,false,false,false,{SHEETS.index(PRINT) + 1}"


@pytest.fixture(scope="module")
def saved(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """A right return and one that does not balance, by format."""
    folder = tmp_path_factory.mktemp("saved")
    found = {}
    for state in ("right", "wrong"):
        first = folder / f"{state}.xlsx"
        first.write_bytes(filled_in(UNIT.name, SEED))
        at = LAYOUT.address(FORM.by_name["t3.granted.natural"])
        cells: dict[str, str | int | float] = {str(at): 999} if state == "wrong" else {}
        whole = folder / f"{state}-whole.xlsx"
        assert not office.fill(first, whole, cells).refused
        for kind in (*WITH_IDENTITY, "csv"):
            out = folder / state / f"a.{kind}"
            out.parent.mkdir(exist_ok=True)
            office.convert(whole, out, options=CSV if kind == "csv" else None)
            (path,) = out.parent.glob(f"a*.{kind}")  # of one sheet: its name is added
            found[f"{state}.{kind}"] = path.read_bytes()
    return found


def wrapped(how: str, name: str, data: bytes) -> tuple[str, bytes]:
    if how == "bare":
        return name, data
    if how == "zip":
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        return "附件.zip", out.getvalue()
    if how == "msg":
        return "来信.msg", outlook(UNIT.email, SENT, "年报", {name: data})
    mail = EmailMessage()
    mail["From"], mail["To"] = UNIT.email, "ban@example.cn"
    mail["Subject"], mail["Date"] = "年报", format_datetime(SENT)
    mail.set_content("请查收。")
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return "来信.eml", mail.as_bytes()


def collected(folder: Path, how: str, kind: str, data: bytes) -> Summary:
    inbox = folder / f"{how}-{kind}"
    inbox.mkdir(parents=True)
    name, content = wrapped(how, f"{UNIT.name}.{kind}", data)
    (inbox / name).write_bytes(content)
    moment = (SENT + timedelta(hours=1)).timestamp()
    os.utime(inbox / name, (moment, moment))
    job = Job(layout=LAYOUT, inbox=inbox, year=YEAR,
              roster=Roster(units=(UNIT,)))  # fmt: skip
    return collect(job)


def said(summary: Summary) -> tuple[Finding, ...]:
    """The findings, wherever the file was."""
    return tuple(replace(f, path="") for f in summary.findings)


def holder(summary: Summary, kind: str) -> str:
    """What became of the one document that is a return."""
    (one,) = (d for d in summary.documents if d.path.endswith(f"{UNIT.name}.{kind}"))
    others = [d for d in summary.documents if d is not one]
    assert all(d.outcome is Outcome.IGNORED for d in others), others
    return one.outcome.value


@pytest.mark.parametrize("how", WRAPPERS)
@pytest.mark.parametrize("kind", WITH_IDENTITY)
def test_the_same_in_every_format_and_wrapper(
    saved: Mapping[str, bytes], tmp_path: Path, kind: str, how: str
) -> None:
    for state, outcome in (("right", "merged"), ("wrong", "rejected")):
        folder = tmp_path / state
        folder.mkdir()
        plain = collected(folder, "bare", "xlsx", saved[f"{state}.xlsx"])
        if (how, kind) == ("bare", "xlsx"):
            assert {f.code for f in said(plain)} == ({"T3-01"} if state == "wrong" else set())
            found = plain
        else:
            found = collected(folder, how, kind, saved[f"{state}.{kind}"])
        assert holder(found, kind) == outcome
        assert said(found) == said(plain)
        if state == "right":
            assert [r["values"] for r in report(found)["returns"]] == [values(SEED)]


@pytest.mark.parametrize("how", WRAPPERS)
def test_the_printed_sheet_as_csv(saved: Mapping[str, bytes], tmp_path: Path, how: str) -> None:
    """It has all the tables on one sheet, and nothing that says whose it is: the file's name and
    the sender do, and alone neither is enough."""
    plain = collected(tmp_path, "eml", "csv", saved["right.csv"])
    found = collected(tmp_path / "other", how, "csv", saved["right.csv"]) if how != "eml" else plain
    if how in ("eml", "msg"):
        assert holder(found, "csv") == "merged"
        assert said(found) == said(plain)
        assert [r["values"] for r in report(found)["returns"]] == [values(SEED)]
    else:
        assert {f.code for f in said(found)} & {"I-03", "I-07"}
