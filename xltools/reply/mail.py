"""Who is written to, and why; what a mail to a unit says, and its draft as a file (.eml) that any
mail program opens.
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

from xltools.identify.unit_names import Naming, stem
from xltools.model.errors import ArgumentError
from xltools.model.findings import Finding, Topic, Words, acceptable
from xltools.model.form import Severity
from xltools.model.returns import Return
from xltools.model.roster import Unit
from xltools.model.summary import Document, Outcome, Summary
from xltools.model.text import listed
from xltools.reply.asks import EXPLAIN, MEND, SHOWN, Ask


class ReplyKind(Enum):
    """What goes to a unit; the word stands in the names of its files."""

    CORRECTION = "更正"
    AGAIN = "重报"
    REMINDER = "催报"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A unit to be written to: about these documents, the latest first, because of these
    findings. ``returns``: what its workbook takes over, of the same documents; empty where that
    must not be or nothing could be read.
    """

    unit: Unit
    kind: ReplyKind
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    returns: tuple[Return, ...] = ()

    @property
    def address(self) -> str:
        """Where to write: as the roster has it, else the sender of the latest document."""
        return self.unit.email or next((d.sender for d in self.documents if d.sender), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A document that only the coordinator can settle, and the codes why.

    ``held``: the units that it may be of, which are not reminded for that.
    """

    document: Document
    codes: tuple[str, ...]
    held: tuple[str, ...] = ()


def cases(summary: Summary) -> tuple[tuple[Addressee, ...], tuple[Left, ...]]:
    """Whom to write to, in the order of the roster; and what is left to the coordinator.

    Of each document the open findings that the unit has to mend are asked for, unless one stands
    against it that only the coordinator can settle. A question to the coordinator keeps nothing
    back. No unit is reminded of which a document of those left may be. Raises ArgumentError where
    the summary has no roster.
    """
    roster = summary.roster
    if roster is None:
        raise ArgumentError("replies need a roster: without one there is nobody to write to")
    naming = Naming(summary.form, roster)
    words, accepted = Words.of(summary.form), {e.unit.name for e in summary.entries if e.accepted}
    by_path: dict[str, list[Finding]] = {}
    for finding in summary.findings:
        waved = (
            finding.severity is Severity.FATAL and finding.unit in accepted and acceptable(finding)
        )
        if finding.open and not waved:
            by_path.setdefault(finding.path, []).append(finding)
    asked: dict[str, list[Document]] = {}
    unread: dict[str, list[Document]] = {}
    left: list[Left] = []
    settled = {d.unit for d in summary.documents if d.outcome is Outcome.MERGED}
    for document in summary.documents:
        findings = by_path.get(document.path, [])
        if not findings or document.outcome is Outcome.IGNORED:
            continue
        lost = document.outcome is Outcome.UNREADABLE
        merged = document.outcome is Outcome.MERGED
        unit = _whose(document, naming)
        to_unit = [f for f in findings if words.entry(f).to_unit]
        others = [f for f in findings if f not in to_unit]
        kept = [f for f in others if f.severity is Severity.FATAL]
        if kept or not to_unit or unit is None or (unit.name in settled and not merged):
            left.append(_left(document, kept or findings))
            continue
        if others:
            left.append(_left(document, others))
        by_path[document.path] = to_unit
        papers = unread if lost else asked
        papers.setdefault(unit.name, []).append(document)
    missing = {roster.covered_by(roster.unit(name)).name for name in summary.missing}
    addressees: list[Addressee] = []
    held: dict[str, list[str]] = {}
    owners = {
        rest.document.path: _may_be(rest.document, summary.returns.get(rest.document.path), naming)
        for rest in left
        if rest.document.outcome is not Outcome.MERGED
    }
    for unit in roster.filers:
        documents = asked.get(unit.name) or unread.get(unit.name) or []
        # What came last is what the unit means now.
        documents = sorted(documents, key=lambda d: (d.date is not None, d.date), reverse=True)
        if documents:
            addressees.append(_case(summary, unit, documents, by_path))
        elif unit.name in missing:
            paths = [path for path, names in owners.items() if unit.name in names]
            for path in paths:
                held.setdefault(path, []).append(unit.name)
            if not paths:
                addressees.append(Addressee(unit=unit, kind=ReplyKind.REMINDER))
    left_with_held = (replace(rest, held=tuple(held.get(rest.document.path, ()))) for rest in left)
    return tuple(addressees), tuple(left_with_held)


def _case(
    summary: Summary, unit: Unit, papers: Sequence[Document], by_path: dict[str, list[Finding]]
) -> Addressee:
    findings = tuple(f for d in papers for f in by_path[d.path])
    returns = tuple(summary.returns[d.path] for d in papers if d.path in summary.returns)
    foreign = [f for f in findings if f.is_about(Topic.ANOTHER_TABLE)]
    # Of another edition that is known, what both have in common is taken over.
    edition = all(f.is_about(Topic.ANOTHER_FORM) for f in foreign) and all(r.other for r in returns)
    carried = bool(returns) and (not foreign or edition)
    return Addressee(
        unit=unit,
        kind=ReplyKind.CORRECTION if carried else ReplyKind.AGAIN,
        documents=tuple(papers),
        findings=findings,
        returns=returns if carried else (),
    )


def _left(document: Document, findings: Sequence[Finding]) -> Left:
    return Left(document=document, codes=tuple(dict.fromkeys(f.code for f in findings)))


def _may_be(document: Document, ret: Return | None, naming: Naming) -> frozenset[str]:
    """The names of all units that a document may be of, however loosely something says so: what
    was settled, what stands in it, its sender, the subject of its mail, its name and those of the
    folders around it.
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
    """The unit of a document: as settled, else by its sender, else by the name of its file."""
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


def subject_line(case: Addressee, title: str) -> str:
    """The subject. ``title``: the form with its year."""
    verb = {
        ReplyKind.CORRECTION: "请核对更正",
        ReplyKind.AGAIN: "请重新报送",
        ReplyKind.REMINDER: "催报",
    }
    return f"{verb[case.kind]}：{title}（{case.unit.name}）"


def body_text(case: Addressee, title: str, asked: Sequence[Ask], file: str, lost: int) -> str:
    """The text of the mail. ``file``: the name of the workbook that goes along; ``lost``: how
    many entries it could not take over.
    """
    lines = [f"{case.unit.name}：", ""]
    if case.kind is ReplyKind.REMINDER:
        lines += [
            f"{_INDENT}截至目前，尚未收到贵单位的{title}。填报模板随本邮件附上（{file}），请尽快"
            "填好，把文件发回本邮箱，不要改文件名；已经报送的，请回复告知报送时间和方式，以便查找。",
        ]
    elif case.kind is ReplyKind.AGAIN:
        lines += [f"{_INDENT}贵单位报来的文件（{_names(case)}）收悉，但其中的数据无法采用："]
        lines += _listed(asked, kinds=False)
        lines += [
            f"{_INDENT}填报模板随本邮件附上（{file}），请填好后把文件发回本邮箱，不要改文件名。",
        ]
    else:
        counts = {kind: sum(a.kind == kind for a in asked) for kind in (MEND, EXPLAIN)}
        parts = [f"{n} 项{kind}" for kind, n in counts.items() if n]
        lines += [f"{_INDENT}贵单位报来的{title}收悉。经核对，有 {'、'.join(parts)}："]
        lines += _listed(asked)
        lines += [
            f"{_INDENT}贵单位已填的内容都已填入附件（{file}），不必重填：请打开附件，按“问题”页逐条"
            "处理橙色框的格（光标移到格上有说明）；数字属实、不必改的，在该条的“情况说明”格写明原因。处理好后"
            "把附件发回本邮箱，不要改文件名。",
        ]
        if lost:
            lines.append(f"{_INDENT}另有 {lost} 处原填内容无法填入附件，已列在“问题”页，请补填。")
    lines += [f"{_INDENT}如有疑问，请与我们联系。感谢支持！", "", f"{_INDENT}{_SECRET}"]
    return "\n".join(lines) + "\n"


def _listed(asked: Sequence[Ask], *, kinds: bool = True) -> list[str]:
    """What is asked, a line each; ``kinds``: with the word that says what for."""
    lines = [""]
    for number, ask in enumerate(asked[:SHOWN], 1):
        sheet = ask.cells[0].sheet if ask.cells else ""
        cell_names = [cell.a1 for cell in ask.cells[:4] if cell.sheet == sheet]
        more = f" 等 {len(ask.cells)} 格" if len(ask.cells) > len(cell_names) else ""
        place = f"，{sheet} {'、'.join(cell_names)}{more}" if cell_names else ""
        head = f"{ask.kind}（{ask.code}{place}）：" if kinds else ""
        lines.append(f"{_INDENT}{number}. {head}{ask.text}")
    if len(asked) > SHOWN:
        lines.append(f"{_INDENT}另有 {len(asked) - SHOWN} 项，见附件各表橙色框的格。")
    return [*lines, ""]


def _names(case: Addressee) -> str:
    names = [d.path.rsplit("/", 1)[-1] for d in case.documents]
    return listed(names, 3)


_WORKBOOK = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A workbook that goes along."""

    name: str
    data: bytes


def addresses(text: str) -> tuple[str, ...]:
    """The addresses in what somebody typed as one: several may stand there, with any marks."""
    return tuple(dict.fromkeys(_ADDRESS.findall(text)))


def draft(to: Sequence[str], subject: str, body: str, attachments: Sequence[Attachment]) -> bytes:
    """The bytes of a draft; the same content gives the same bytes.

    Headers in RFC 2047 words of at most 75 characters. An attachment is named twice, as RFC 2231
    asks (``filename*``) and as older programs read it (``name`` in RFC 2047). The legacy message
    classes are used since they leave such headers as they are given.
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
