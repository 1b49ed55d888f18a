#!/usr/bin/env python3
"""office.py - use LibreOffice Calc, without a screen, as a real spreadsheet client.

  office.py fill IN OUT --set 'Sheet!C5=12' ... [--paste] [--do 'OP SHEET ARGS' ...]
  office.py dump FILE [--sheet S [--range A1:K40]]    values and formulas, as JSON
  office.py convert IN OUT [--options FILTEROPTIONS]  to a format of FILTERS;
                                                   a text document to doc docx odt
  office.py render IN OUTDIR [--dpi 90]               a PNG for each page, named by its sheet
  office.py batch < jobs.jsonl                        many jobs in one soffice process
  Each also takes --as-loaded, --password PW (opens IN), --out-password PW (locks OUT).

fill types through the application, in the Chinese locale ('=..' is a formula, '' clears a cell).
Refused, and so reported: a locked cell of a protected sheet (why: locked), which keeps its content,
and a value that a "stop" data validation forbids (why: validation), unless --paste: pasting skips
it. --do comes before --set: unprotect S [PW], insert-rows S ROW [N], delete-rows S ROW [N],
rename S NEW, remove S, show S. All formulas are then calculated anew; --as-loaded leaves alone
those that nothing touched, as LibreOffice's default settings do. Freeze panes and grid line
settings are lost in .xlsx (no window is shown).

A batch job is a line of JSON whose keys are these options: {"cmd": "fill", "in": .., "out": ..,
"set": {"S!C5": 12}, "do": ["unprotect S"], "paste": true, "recalc": false, "out_password": ..};
its answer is a line: {"ok": true, ..} or {"ok": false, "error": ..}, with the job's "id". A job
over OFFICE_TIMEOUT seconds (120) is ended with its soffice. Exit status: 0 done, 1 a job failed,
3 done but something was refused.

Needs (Debian) libreoffice-calc-nogui python3-uno fonts-noto-cjk poppler-utils; runs under any
python3. $SOFFICE, $OFFICE_PYTHON override what is found. Each run has its own profile folder and
pipe, and ends only its own soffice.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

SOFFICE = os.environ.get("SOFFICE") or shutil.which("soffice") or "soffice"
try:
    import uno
except ImportError:  # go on under a python that has LibreOffice's bindings
    for python in (
        os.environ.get("OFFICE_PYTHON", ""),
        str(Path(SOFFICE).resolve().with_name("python")),
        "/usr/bin/python3",
    ):
        if os.access(python, os.X_OK) and not subprocess.call(
            [python, "-c", "import uno"], stderr=subprocess.DEVNULL
        ):
            os.execv(python, [python, str(Path(__file__).resolve()), *sys.argv[1:]])
    sys.exit("office.py: no python with LibreOffice's UNO bindings (Debian: python3-uno)")
from com.sun.star.beans import NamedValue, PropertyValue  # noqa: E402 - importable after uno only
from com.sun.star.uno import Exception as UnoException  # noqa: E402 - as above

Job = dict[str, Any]
Answer = dict[str, Any]

FILTERS = {
    "xlsx": "Calc MS Excel 2007 XML",
    "xlsm": "Calc MS Excel 2007 VBA XML",
    "xltx": "Calc MS Excel 2007 XML Template",
    "xls": "MS Excel 97",
    "xlt": "MS Excel 97 Vorlage/Template",
    "et": "MS Excel 97",
    "ods": "calc8",
    "ots": "calc8_template",
    "fods": "OpenDocument Spreadsheet Flat XML",
    "slk": "SYLK",
    "dif": "DIF",
    "csv": "Text - txt - csv (StarCalc)",
    "html": "HTML (StarCalc)",
    "pdf": "calc_pdf_Export",
    # Of text documents, which are converted only.
    "doc": "MS Word 97",
    "docx": "MS Word 2007 XML",
    "odt": "writer8",
}
SETTINGS = (
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    + "".join(
        f'<item oor:path="/org.openoffice.{at}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for at, name, value in (
            ("Setup/L10N", "ooSetupSystemLocale", "zh-CN"),
            ("Office.Common/Misc", "UseDocumentOOoLockFile", "false"),
        )
    )
    + "</oor:items>"
)
# Without these stand-ins the names of the fonts and the widths of columns change.
FONTS = (
    "<fontconfig><include>/etc/fonts/fonts.conf</include>"
    + "".join(
        f"<alias><family>{name}</family>"
        f"<accept><family>Noto {kind} CJK SC</family></accept></alias>"
        for kind, names in (
            ("Serif", "宋体 SimSun 仿宋 仿宋_GB2312 FangSong 楷体 楷体_GB2312 方正小标宋简体"),
            ("Sans", "黑体 SimHei 等线 微软雅黑"),
        )
        for name in names.split()
    )
    + "</fontconfig>"
)


class Office:
    """One soffice process with a profile of its own, started when first needed."""

    process: subprocess.Popen[bytes] | None = None
    desktop: Any = None

    def start(self) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="office-", ignore_cleanup_errors=True)
        home, quiet = Path(self.profile.name), subprocess.DEVNULL
        (home / "user").mkdir()
        (home / "user/registrymodifications.xcu").write_text(SETTINGS, "utf-8")
        (home / "fonts.conf").write_text(FONTS, "utf-8")
        self.process = subprocess.Popen(
            [
                SOFFICE,
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                f"--accept=pipe,name={home.name};urp;",
                "-env:UserInstallation=" + home.as_uri(),
            ],
            env={**os.environ, "FONTCONFIG_FILE": str(home / "fonts.conf")},
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            start_new_session=True,
        )
        local, desktop = uno.getComponentContext(), "com.sun.star.frame.Desktop"
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        while not self.desktop and self.process.poll() is None:
            time.sleep(0.05)
            with contextlib.suppress(UnoException):
                context = resolver.resolve(
                    f"uno:pipe,name={home.name};urp;StarOffice.ComponentContext"
                )
                self.desktop = context.ServiceManager.createInstanceWithContext(desktop, context)
        if not self.desktop:
            raise RuntimeError("soffice did not start")

    def kill(self) -> None:
        """End the processes in the group that our soffice, a script, leads."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End our soffice and remove its profile."""
        with contextlib.suppress(Exception):  # it may never have come up, have died, or hang
            self.desktop.terminate()
            self.process.wait(10)
        if self.process and self.process.poll() is None:
            self.kill()
            self.process.wait()
        self.profile.cleanup()
        self.process = self.desktop = None

    def run(self, line: str | Job) -> Answer:
        """Do one job, and return its answer."""
        answer: Answer = {}
        doc = None
        timer = threading.Timer(float(os.environ.get("OFFICE_TIMEOUT", "120")), self.kill)
        try:
            job: Job = json.loads(line) if isinstance(line, str) else line
            answer = {k: job[k] for k in ("id", "cmd", "in") if k in job}
            url, work = uno.systemPathToFileUrl(str(Path(job["in"]).absolute())), JOBS[job["cmd"]]
            timer.start()
            if not self.process:
                self.start()
            load = {
                "Hidden": True,
                "MacroExecutionMode": 0,
                "UpdateDocMode": 0,
                "Password": job.get("password"),
            }
            doc = self.desktop.loadComponentFromURL(url, "_blank", 0, properties(load))
            text = job["cmd"] == "convert" and "com.sun.star.text.TextDocument"
            sheets = "com.sun.star.sheet.SpreadsheetDocument"
            if not doc or not any(doc.supportsService(s) for s in (sheets, text) if s):
                raise ValueError(
                    "not opened as a spreadsheet: broken, or a password is missing or wrong"
                )
            if job.get("recalc", True) and doc.supportsService(sheets):
                doc.calculateAll()
            return {**answer, "ok": True, **work(doc, job)}
        except Exception as error:
            text = str(getattr(error, "Message", "") or error).strip()
            kind = type(error).__name__.rpartition(".")[2]
            return {**answer, "ok": False, "error": f"{kind}: {text}"}
        finally:
            timer.cancel()
            try:
                if doc:
                    doc.close(True)
                if self.process:
                    self.desktop.getCurrentComponent()
            except Exception:  # soffice did not come up, died, or was ended
                self.stop()


def properties(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        PropertyValue(name, 0, value, 0) for name, value in values.items() if value is not None
    )


def save(doc: Any, job: Job) -> Answer:
    out, kind = Path(job["out"]).absolute(), job["out"].rpartition(".")[2].lower()
    if kind not in FILTERS:
        raise ValueError(f"cannot write .{kind}; can write: {' '.join(FILTERS)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    csv = "44,34,76,1,,0,false,true,false" if kind == "csv" else None  # , " UTF-8; first sheet
    store = {
        "FilterName": FILTERS[kind],
        "FilterOptions": job.get("options", csv),
        "Password": job.get("out_password"),
    }
    if kind in ("xlsx", "docx") and store["Password"]:
        values = (
            NamedValue("OOXPassword", store.pop("Password")),
            NamedValue("CryptoType", "Standard"),
        )
        store["EncryptionData"] = uno.Any("[]com.sun.star.beans.NamedValue", values)
    doc.storeToURL(uno.systemPathToFileUrl(str(out)), properties(store))
    return {"out": str(out)}


def invalid(cell: Any, text: str) -> str | None:
    """The error message, if the cell's validation would have stopped a person's entry."""
    rule, kind = cell.Validation, cell.Validation.Type.value
    if (
        kind == "ANY"
        or text == ""
        or not rule.ShowErrorMessage
        or rule.ErrorAlertStyle.value != "STOP"
    ):
        return None
    try:
        low, high = float(rule.getFormula1()), float(rule.getFormula2() or 0)
    except ValueError:  # a list of values; limits that are formulas are not worked out
        values = re.findall('"([^"]*)"', rule.getFormula1())
        fine = kind != "LIST" or not values or text in values
    else:
        n = len(text) if kind == "TEXT_LEN" else cell.Value
        fine = {
            "EQUAL": n == low,
            "NOT_EQUAL": n != low,
            "GREATER": n > low,
            "GREATER_EQUAL": n >= low,
            "LESS": n < low,
            "LESS_EQUAL": n <= low,
            "BETWEEN": low <= n <= high,
        }.get(rule.getOperator().value, not low <= n <= high)
        fine = fine and (kind != "WHOLE" or n % 1 == 0)
        fine = fine and (kind == "TEXT_LEN" or cell.Type.value != "TEXT")
    return None if fine else rule.ErrorMessage or "not allowed"


def operate(doc: Any, line: str) -> str | None:
    """Change the structure as a person would; return why that is refused, or None."""
    op, name, *rest = shlex.split(line)
    sheet = doc.Sheets.getByName(name)
    if op == "unprotect":
        with contextlib.suppress(UnoException):
            sheet.unprotect(*rest or [""])
            return None
        return "wrong password"
    on_rows = op.endswith("-rows")
    if sheet.isProtected() if on_rows else doc.isProtected():
        return "protected"
    if on_rows:
        first, count = int(rest[0]) - 1, int(*rest[1:] or [1])
    match op:
        case "insert-rows":
            sheet.Rows.insertByIndex(first, count)
        case "delete-rows":
            sheet.Rows.removeByIndex(first, count)
        case "rename":
            sheet.setName(*rest)
        case "remove":
            doc.Sheets.removeByName(name)
        case "show":
            sheet.IsVisible = True
        case _:
            raise ValueError(f"unknown operation {op!r}")
    return None


def paste(doc: Any, pairs: dict[str, Any]) -> dict[str, Any]:
    """Paste the numbers, those of neighbouring cells of a row at once; give what is left to type.

    Each cell that is touched costs several messages to the soffice process: a form of 200 cells,
    typed one by one, takes a second.
    """
    rows: dict[tuple[str, int], dict[int, str]] = {}
    for where, value in pairs.items():
        name, _, address = where.rpartition("!")
        place = re.fullmatch(r"([A-Z]+)([0-9]+)", address)
        if place and type(value) in (int, float):
            column = 0
            for letter in place[1]:
                column = column * 26 + ord(letter) - 64
            rows.setdefault((name, int(place[2])), {})[column] = where
    left = dict(pairs)
    for (name, row), at in rows.items():
        sheet = doc.Sheets.getByName(name.strip("'"))
        for first in (column for column in at if column - 1 not in at):
            last = first
            while last + 1 in at:
                last += 1
            run = [at[column] for column in range(first, last + 1)]
            with contextlib.suppress(UnoException):  # one of them is locked: refused by itself
                area = sheet.getCellRangeByPosition(first - 1, row - 1, last - 1, row - 1)
                area.setDataArray((tuple(float(pairs[where]) for where in run),))
                for where in run:
                    del left[where]
    return left


def fill(doc: Any, job: Job) -> Answer:
    refused: list[Answer] = [
        {"do": line, "why": why} for line in job.get("do") or () if (why := operate(doc, line))
    ]
    done, pairs = 0, job.get("set") or {}
    recalc = job.get("recalc", True)
    if recalc:  # all is calculated at the end: not after each of hundreds of cells as well
        doc.enableAutomaticCalculation(False)
    if job.get("paste") and isinstance(pairs, dict):
        count, pairs = len(pairs), paste(doc, pairs)
        done = count - len(pairs)
    for where, value in pairs.items() if isinstance(pairs, dict) else pairs:
        name, _, address = where.rpartition("!")
        sheet, text = doc.Sheets.getByName(name.strip("'")), str(value)
        cell = sheet.getCellRangeByName(address)
        before, cell.FormulaLocal = cell.Formula, text
        if sheet.isProtected() and cell.CellProtection.IsLocked:
            if cell.Formula != before:
                raise RuntimeError(f"{where} is locked, but LibreOffice let it be changed")
            refused.append({"cell": where, "value": text, "why": "locked"})
        elif not job.get("paste") and (why := invalid(cell, text)):
            cell.Formula = before
            refused.append({"cell": where, "value": text, "why": "validation", "message": why})
        else:
            done += 1
    if recalc:
        doc.enableAutomaticCalculation(True)
        doc.calculateAll()
    shown = dump(doc, job["read"]) if job.get("read") else {}
    return {**save(doc, job), "done": done, "refused": refused, **shown}


def dump(doc: Any, job: Job) -> Answer:
    sheets = []
    for sheet in [doc.Sheets.getByName(job["sheet"])] if job.get("sheet") else doc.Sheets:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        last = cursor.AbsoluteName.rpartition(".")[2]
        area = sheet.getCellRangeByName(job.get("range") or "A1:" + last)
        cells = {}
        for r, (values, formulas) in enumerate(zip(area.DataArray, area.FormulaArray, strict=True)):
            for c, (value, formula) in enumerate(zip(values, formulas, strict=True)):
                if formula != "":
                    cell = area.getCellByPosition(c, r)
                    shown = {"value": value, "text": cell.String}
                    if cell.Type.value == "FORMULA":
                        shown["formula"] = formula
                    if cell.getError():
                        shown["error"] = cell.String
                    cells[cell.AbsoluteName.rpartition(".")[2].replace("$", "")] = shown
        sheets.append(
            {
                "sheet": sheet.Name,
                "visible": sheet.IsVisible,
                "protected": sheet.isProtected(),
                "cells": cells,
            }
        )
    return {"structure_protected": doc.isProtected(), "sheets": sheets}


def render(doc: Any, job: Job) -> Answer:
    folder = Path(job["out"])
    folder.mkdir(parents=True, exist_ok=True)
    names, pages = doc.Sheets.ElementNames, []
    with tempfile.TemporaryDirectory() as work:
        pdf = Path(work) / "all.pdf"
        save(doc, {"out": str(pdf)})
        dpi = str(job.get("dpi", 90))
        subprocess.run(["pdftoppm", "-png", "-r", dpi, pdf, Path(work) / "p"], check=True)
        for i, made in enumerate(sorted(Path(work).glob("p-*.png"))):  # pdftoppm pads the numbers
            area = {p.Name: p.Value for p in doc.getRenderer(i, doc, ())}.get("SourceRange")
            name = re.sub(r'[\\/:*?"<>|\s]', "_", names[area.Sheet]) if area else "page"
            pages.append(str(shutil.move(made, folder / f"{i + 1:02}-{name}.png")))
    return {"pages": pages}


JOBS = {"fill": fill, "dump": dump, "convert": save, "render": render}


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that soffice is ended too
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="cmd", required=True)
    commands.add_parser("batch")
    for name in JOBS:
        p = commands.add_parser(name)
        for argument in ["in"] if name == "dump" else ["in", "out"]:
            p.add_argument(argument)
        for option in "sheet", "range", "dpi", "password", "out-password", "options":
            p.add_argument("--" + option)
        p.add_argument("--set", action="append", default=[], type=lambda s: s.partition("=")[::2])
        p.add_argument("--do", action="append")
        p.add_argument("--paste", action="store_true")
        p.add_argument("--as-loaded", dest="recalc", action="store_false")
    args, office, status = vars(parser.parse_args()), Office(), 0
    one = {k: v for k, v in args.items() if v is not None}
    try:
        for job in sys.stdin if args["cmd"] == "batch" else [one]:
            answer = office.run(job)
            print(json.dumps(answer, ensure_ascii=False), flush=True)
            status = 1 if not answer["ok"] else status or (3 if answer.get("refused") else 0)
    finally:
        if office.process:
            office.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
