"""Decide which units to write to and why, write the text of the mail, and make its draft as a file
(.eml) that any mail program opens.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.charset import BASE64, Charset
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from enum import Enum
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TypeAlias

from xltools.identify.unit_names import Naming, stem
from xltools.model.collector import Collector
from xltools.model.errors import ArgumentError
from xltools.model.findings import Finding, Topic, Words, acceptable
from xltools.model.form import Severity
from xltools.model.returns import Return
from xltools.model.roster import Unit
from xltools.model.summary import Document, Outcome, Summary
from xltools.model.text import listed
from xltools.reply.asks import EXPLAIN, MEND, SHOWN, Ask


class ReplyKind(Enum):
    """What a unit is sent: its own figures to correct; a fresh template, because its file could not
    be used; or a template, because it has sent nothing. The value is part of the names of its
    files.
    """

    CORRECTION = "更正"
    AGAIN = "重报"
    REMINDER = "催报"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A unit to write to, with the reason: ``documents`` that it sent, the latest first, and their
    ``findings``. ``returns``: the returns among these documents from which its correction workbook
    is made; empty where there are none.
    """

    unit: Unit
    kind: ReplyKind
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    returns: tuple[Return, ...] = ()

    @property
    def address(self) -> str:
        """The mail address in the roster, otherwise the sender of the latest document; may be
        empty.
        """
        return self.unit.email or next((d.sender for d in self.documents if d.sender), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A document that only the coordinator can settle. ``codes``: of the findings that say why;
    ``held``: the names of units that are not reminded because the document may be theirs.
    """

    document: Document
    codes: tuple[str, ...]
    held: tuple[str, ...] = ()


_Question: TypeAlias = tuple[Document, Sequence[Finding]]
"""A document, and what its unit is asked about it."""


def whom_to_write(summary: Summary) -> tuple[tuple[Addressee, ...], tuple[Unsettled, ...]]:
    """The units to write to, in the order of the roster, and the documents that are left to the
    coordinator.

    A unit is asked about the open findings of its documents, unless a document has a fatal finding
    that only the coordinator can settle; a less serious finding for the coordinator does not
    prevent it. A unit that has sent nothing is reminded, unless a document left to the coordinator
    may be its own. Raises ArgumentError where the summary has no roster.
    """
    roster = summary.roster
    if roster is None:
        raise ArgumentError("replies need a roster: without one there is nobody to write to")
    naming = Naming(summary.form, roster)
    questions, unsettled = _questions(summary, naming)
    owners = {
        entry.document.path: _may_be(
            entry.document, summary.returns.get(entry.document.path), naming
        )
        for entry in unsettled
        if entry.document.outcome is not Outcome.MERGED
    }
    missing = {roster.covered_by(roster.unit(name)).name for name in summary.missing}
    addressees: list[Addressee] = []
    held: dict[str, list[str]] = {}
    for unit in roster.filers:
        if unit.name in questions:
            addressees.append(_addressee(summary, unit, questions[unit.name]))
        elif unit.name in missing:
            paths = [path for path, names in owners.items() if unit.name in names]
            for path in paths:
                held.setdefault(path, []).append(unit.name)
            if not paths:
                addressees.append(Addressee(unit=unit, kind=ReplyKind.REMINDER))
    return tuple(addressees), tuple(
        replace(entry, held=tuple(held.get(entry.document.path, ()))) for entry in unsettled
    )


def _questions(
    summary: Summary, naming: Naming
) -> tuple[dict[str, list[_Question]], list[Unsettled]]:
    """The documents that units are asked about with the findings concerned, by the name of the
    unit; and the documents that are left to the coordinator.
    """
    words, open_findings = Words.of(summary.form), _open_findings(summary)
    settled = {d.unit for d in summary.documents if d.outcome is Outcome.MERGED}
    questions: dict[str, list[_Question]] = {}
    unsettled: list[Unsettled] = []
    for document in summary.documents:
        findings = open_findings.get(document.path, [])
        if not findings or document.outcome is Outcome.IGNORED:
            continue
        unit = _whose(document, naming)
        to_unit = [f for f in findings if words.entry(f).to_unit]
        to_coordinator = [f for f in findings if not words.entry(f).to_unit]
        fatal = [f for f in to_coordinator if f.severity is Severity.FATAL]
        if fatal or not to_unit or unit is None:
            unsettled.append(_unsettled(document, fatal or findings))
        elif unit.name in settled and document.outcome is not Outcome.MERGED:
            unsettled.append(_unsettled(document, findings))
        else:
            if to_coordinator:
                unsettled.append(_unsettled(document, to_coordinator))
            questions.setdefault(unit.name, []).append((document, to_unit))
    return questions, unsettled


def _open_findings(summary: Summary) -> dict[str, list[Finding]]:
    """The findings that somebody must act on, by the path of their document. Fatal findings in
    spite of which the return was accepted are not among them.
    """
    accepted = {entry.unit.name for entry in summary.entries if entry.accepted}
    by_path: dict[str, list[Finding]] = {}
    for finding in summary.findings:
        fatal = finding.severity is Severity.FATAL
        set_aside = fatal and finding.unit in accepted and acceptable(finding)
        if finding.open and not set_aside:
            by_path.setdefault(finding.path, []).append(finding)
    return by_path


def _addressee(summary: Summary, unit: Unit, questions: Sequence[_Question]) -> Addressee:
    """What a unit is written about. Files that could not be read are only included where it sent no
    others.
    """
    readable = [q for q in questions if q[0].outcome is not Outcome.UNREADABLE] or questions
    # What came last is what the unit means now.
    latest = sorted(readable, key=lambda q: (q[0].date is not None, q[0].date), reverse=True)
    documents = tuple(document for document, _ in latest)
    findings = tuple(finding for _, to_unit in latest for finding in to_unit)
    returns = tuple(summary.returns[d.path] for d in documents if d.path in summary.returns)
    foreign = [f for f in findings if f.is_about(Topic.ANOTHER_TABLE)]
    # From another edition of the form that is known, what both have in common is taken over.
    edition = all(f.is_about(Topic.ANOTHER_FORM) for f in foreign) and all(r.other for r in returns)
    carried = bool(returns) and (not foreign or edition)
    return Addressee(
        unit=unit,
        kind=ReplyKind.CORRECTION if carried else ReplyKind.AGAIN,
        documents=documents,
        findings=findings,
        returns=returns if carried else (),
    )


def _unsettled(document: Document, findings: Sequence[Finding]) -> Unsettled:
    """A document for the coordinator, with the codes of the findings."""
    return Unsettled(document=document, codes=tuple(dict.fromkeys(f.code for f in findings)))


def _may_be(document: Document, ret: Return | None, naming: Naming) -> frozenset[str]:
    """The names of all units that a document may be from, even if that is only vaguely indicated:
    by the unit that was identified, the document itself (``ret``), its sender, the subject of its
    mail, or the name of the file or of a folder around it.
    """
    units: list[Unit | None] = [naming.roster.find(document.unit)]
    units += [u for u in naming.roster if document.sender.lower() in u.addresses]
    for text in (document.subject, *map(stem, PurePosixPath(document.path).parts)):
        units += naming.named(text) or naming.loosely(text)
    if ret is not None:
        for name in reversed(ret.stated_units):
            named = naming.roster.find(name)
            units += naming.proposals(name) if named is None else [named]
        units += naming.named(ret.title)
    return frozenset(unit.name for unit in units if unit is not None)


def _whose(document: Document, naming: Naming) -> Unit | None:
    """The unit that a document is from: the one identified, otherwise that of its sender, otherwise
    the one in its file name. None where these do not tell, or give a unit that does not file by
    itself.
    """
    filers = naming.roster.filers
    if document.unit:
        unit = naming.roster.find(document.unit)
        return unit if unit in filers else None
    senders = [u for u in filers if document.sender.lower() in u.addresses]
    if len(senders) == 1:
        return senders[0]
    named = [u for u in naming.named(stem(PurePosixPath(document.path).name)) if u in filers]
    return named[0] if len(named) == 1 else None


_INDENT = "　　"
_SECRET = "请勿通过互联网邮箱报送涉密内容。"


def subject_line(addressee: Addressee, title: str) -> str:
    """The subject of a mail. ``title``: the year and the short title of the form."""
    verb = {
        ReplyKind.CORRECTION: "请核对更正",
        ReplyKind.AGAIN: "请重新报送",
        ReplyKind.REMINDER: "催报",
    }
    return f"{verb[addressee.kind]}：{title}（{addressee.unit.name}）"


_HERE = "本邮箱"


def mailing_text(unit: Unit, title: str, file: str, collector: Collector) -> str:
    """The text of the mail with which a unit is sent its template. ``title``: the year and the
    short title of the form; ``file``: the name of the attached workbook.
    """
    lines = [
        f"{_INDENT}{title}的填报模板随本邮件附上（{file}）。请用 Excel 或 WPS 打开，按“填报”页的"
        "三步填写：浅黄格填数，合计自动算出；“填报状态”显示可以发回后，"
        f"{collector.send('文件', _HERE)}，不要改文件名。",
    ]
    return _letter(unit, lines, collector)


def _letter(unit: Unit, lines: Sequence[str], collector: Collector) -> str:
    """A mail to a unit with these paragraphs, whom to ask, and the signature."""
    ask = f"联系{collector.asked}" if collector.asked else "与我们联系"
    end = [f"{_INDENT}如有疑问，请{ask}。感谢支持！", "", f"{_INDENT}{_SECRET}"]
    if collector.signed:
        end += ["", f"{_INDENT}{collector.signed}"]
    return "\n".join([f"{unit.name}：", "", *lines, *end]) + "\n"


def body_text(
    addressee: Addressee,
    title: str,
    asked: Sequence[Ask],
    file: str,
    lost: int,
    collector: Collector,
) -> str:
    """The text of a mail. ``title``: the year and the short title of the form; ``asked``: what the
    unit is asked; ``file``: the name of the attached workbook; ``lost``: how many entries of the
    unit's return could not be carried over into it; ``collector``: who collects.
    """
    lines: list[str] = []
    if addressee.kind is ReplyKind.REMINDER:
        lines += [
            f"{_INDENT}截至目前，尚未收到贵单位的{title}。填报模板随本邮件附上（{file}），请尽快"
            f"填好，{_back(collector, '文件')}；已经报送的，请回复告知报送时间和方式，以便查找。",
        ]
    elif addressee.kind is ReplyKind.AGAIN:
        lines += [
            f"{_INDENT}贵单位报来的文件（{_names(addressee.documents)}）收悉，但其中的数据无法采用："
        ]
        lines += _listed(asked, kinds=False)
        lines += [
            f"{_INDENT}填报模板随本邮件附上（{file}），请填好后{_back(collector, '文件')}。",
        ]
    else:
        counts = {kind: sum(a.kind == kind for a in asked) for kind in (MEND, EXPLAIN)}
        parts = [f"{n} 项{kind}" for kind, n in counts.items() if n]
        lines += [f"{_INDENT}贵单位报来的{title}收悉。经核对，有 {'、'.join(parts)}："]
        lines += _listed(asked)
        lines += [
            f"{_INDENT}贵单位已填的内容都已填入附件（{file}），不必重填：请打开附件，按“问题”页逐条"
            "处理橙色框的格（光标移到格上有说明）；数字属实、不必改的，在该条的“情况说明”格写明原因。处理好后"
            f"{_back(collector, '附件')}。",
        ]
        if lost:
            lines.append(f"{_INDENT}另有 {lost} 处原填内容无法填入附件，已列在“问题”页，请补填。")
    return _letter(addressee.unit, lines, collector)


def _back(collector: Collector, what: str) -> str:
    """The clause that asks to send ``what`` back."""
    sent = collector.send(what, _HERE).removeprefix("请")
    return f"{sent}，不要改文件名"


def _listed(asked: Sequence[Ask], *, kinds: bool = True) -> list[str]:
    """The questions to a unit, each on one line, with an empty line before and after them.
    ``kinds``: whether each line begins with what is asked for, the code and the cells.
    """
    lines = [""]
    for number, ask in enumerate(asked[:SHOWN], 1):
        sheet = ask.cells[0].sheet if ask.cells else ""
        cell_names = [cell.a1 for cell in ask.cells[:4] if cell.sheet == sheet]
        count = f" 等 {len(ask.cells)} 格" if len(ask.cells) > len(cell_names) else ""
        place = f"，{sheet} {'、'.join(cell_names)}{count}" if cell_names else ""
        head = f"{ask.kind}（{ask.code}{place}）：" if kinds else ""
        lines.append(f"{_INDENT}{number}. {head}{ask.text}")
    if len(asked) > SHOWN:
        lines.append(f"{_INDENT}另有 {len(asked) - SHOWN} 项，见附件各表橙色框的格。")
    return [*lines, ""]


def _names(documents: Sequence[Document]) -> str:
    """The file names of the first three documents, followed by 等 where there are more."""
    return listed((document.path.rsplit("/", 1)[-1] for document in documents), 3)


_WORKBOOK = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A workbook that is attached to a mail: its file name and its bytes."""

    name: str
    data: bytes


def addresses(text: str) -> tuple[str, ...]:
    """The mail addresses in a text, each once; people may have typed several with any characters
    between them.
    """
    return tuple(dict.fromkeys(_ADDRESS.findall(text)))


def draft(to: Sequence[str], subject: str, body: str, attachments: Sequence[Attachment]) -> bytes:
    """The bytes of the draft of a mail (RFC 5322); the same content always gives the same bytes.

    ``to``: the addresses, of which there may be none. Headers are written as RFC 2047 words of at
    most 75 characters. The name of an attachment is written twice: as RFC 2231 requires
    (``filename*``) and as older programs read it (``name`` in RFC 2047). Python's older message
    classes are used because they do not change such headers.
    """
    mail = MIMEMultipart("mixed")
    # X-Unsent lets Outlook open the file as a draft instead of a mail received.
    mail["X-Unsent"] = "1"
    if to:
        mail["To"] = ", ".join(to)
    mail["Subject"] = Header(" ".join(subject.split()), "utf-8", header_name="Subject").encode()
    utf8 = Charset("utf-8")
    utf8.body_encoding = BASE64
    text = MIMENonMultipart("text", "plain", charset="utf-8")
    text.set_payload(body.replace("\r\n", "\n").replace("\n", "\r\n"), utf8)
    mail.attach(text)
    digest = sha256(body.encode())
    for attachment in attachments:
        digest.update(attachment.data)
        part = MIMEBase(*_WORKBOOK)
        part.set_payload(attachment.data)
        encode_base64(part)
        words = Header(attachment.name, "utf-8", maxlinelen=75).encode(linesep="\r\n")
        part.replace_header("Content-Type", f'{"/".join(_WORKBOOK)};\r\n name="{words}"')
        part.add_header(
            "Content-Disposition", "attachment", filename=("utf-8", "", attachment.name)
        )
        mail.attach(part)
    mail.set_boundary(f"=_xltools_{digest.hexdigest()[:32]}")
    # The headers are folded above: folding them again would break in front of a long type.
    lines = mail.as_bytes(policy=compat32.clone(max_line_length=0)).splitlines()
    return b"\r\n".join(lines) + b"\r\n"
