"""Check the texts of a return: whether they are missing, too long or without substance, what they
say about fees, whether they are about another year, contain identity or phone numbers, or give
figures that differ from the tables.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from xltools.checks.case import CheckContext
from xltools.checks.claims import mismatches
from xltools.checks.quantities import plain, sentences
from xltools.layout.places import TEXT_SHEET
from xltools.model import numbers
from xltools.model.cells import Address
from xltools.model.findings import Finding, catalogue
from xltools.model.form import Fee, TextPart
from xltools.model.numbers import Number, NumberKind
from xltools.model.roster import Texts
from xltools.model.stated import prose_years
from xltools.model.wording import Phrase, Value, each

_REACH = 12  # characters between the name of the fee and its denial
_DENIED: Final = re.compile(
    r"未|没有|无|不涉及|不存在|不收|免收|免费|为零|零元|"
    r"为\s*0(?![.0-9])|(?<![0-9.])0(?:\.0+)?\s*(?:万?元|[件笔份次])"
)
_AMOUNT: Final = re.compile(r"([0-9][0-9,，.]*)\s*(万?元)")
_NOTHING: Final = frozenset(
    "无 没有 暂无 不适用 不涉及 不存在 无问题 没有问题 不存在问题 无存在问题 零 略".split()
)
# So many Chinese characters are no word for nothing, here or in `numbers`.
_SUBSTANCE: Final = re.compile(r"(?:[^一-鿿]*+[一-鿿]){20}")
# A year in the title of a document, or before what a document or a round of work is called.
_TITLE: Final = re.compile(r"《[^》]*》|〈[^〉]*〉|<[^>\n]*>|“[^”]*”")
_DOCUMENT: Final = re.compile(
    r"(?<![0-9])20[0-9]{2}\s*年度?[^，,。；;：:\n按依据我本]{0,24}?"
    r"(?:要点|通知|报告|年报|考核|考评|评估|测评|方案|意见|工作安排|任务分工|清单|预算|决算)"
)
# A sentence that looks back or ahead, or says when something was made, may name another year.
_ELSEWHERE: Final = re.compile(
    r"比|较|同期|相比|以来|去年|上年|上一年|此前|截至|截止|自20|从20|起|修订|印发|实施|施行|颁布|"
    r"将|下一步|明年|今后|来年|下一年|下年|计划|打算|拟|继续|展望|规划|结转|转结|转入|转至|顺延|延至|遗留|历年|近[一二两三四五0-9]"
)
# 18 characters, of which the last may be X; the weights are those of GB 11643-1999.
_IDENTITY: Final = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_MOBILE: Final = re.compile(
    r"(?<![0-9])(?:\+?86[- ]?)?(1[3-9][0-9])[- ]?([0-9]{4})[- ]?([0-9]{4})(?![0-9])"
)
_DIGITS: Final = re.compile(r"[0-9]{3}[- ]?[0-9]{4}[- ]?[0-9]{4}")  # in any of these numbers


def says_nothing(text: str) -> bool:
    """Whether a text is empty or means nothing: 无, 没有, 0 and the like."""
    if _SUBSTANCE.match(text):
        return False
    bare = re.sub(r"[\s。.，,；;：:、]+", "", text)
    if not bare or bare in _NOTHING:
        return True
    reading = numbers.read(bare)
    return reading is not None and reading.kind is NumberKind.VOID


def fee_denied(text: str, fee: Fee) -> bool | None:
    """Whether a text (as `plain` gives it) says that no fee was collected: True if it does; False
    if it names an amount above 0, or mentions the fee with neither amount nor denial; None if it
    does not mention the fee.

    The fee's own name (``fee.called``) counts wherever it occurs. Other names only count with an
    amount or a denial beside them: 没有收费, 未收取任何费用.
    """
    none: bool | None = None
    words = (fee.called, *fee.also)
    for clauses in sentences(text, words):
        for number, clause in enumerate(clauses):
            for word in words:
                if word not in clause:
                    continue
                at = clause.index(word)
                around = clause
                if word == fee.called:
                    around = clause[max(0, at - _REACH) : at + len(word) + _REACH]
                if _charged(around):
                    return False
                rest = "".join(clauses[number + 1 :])[:_REACH]
                denied = _DENIED.search(around) is not None or _DENIED.search(rest) is not None
                if denied or word == fee.called:
                    none = none or denied
    return none


def fee_charged(texts: Mapping[str, str], fee: Fee) -> str:
    """The clause in which another text than the one about the fee names an amount of it, at most 40
    characters; empty where none does. ``texts``: by name, as `plain` gives them.
    """
    for name, text in texts.items():
        if name != fee.text and fee.called in text:
            for clauses in sentences(text, [fee.called]):
                for clause in clauses:
                    if fee.called in clause and _charged(clause):
                        return clause.strip()[:40]
    return ""


def _charged(clause: str) -> Number:
    """The largest amount of money in a clause, in 万元; 0 where there is none."""
    largest: Number = 0
    for amount in _AMOUNT.finditer(clause):
        reading = numbers.read(amount[1] + amount[2], "万元")
        if reading is not None and reading.number is not None and reading.number > largest:
            largest = reading.number
    return largest


def wrong_year(text: str, year: int) -> int:
    """The year just before or after ``year`` that a text (as `plain` gives it) is about instead; 0
    where it is about neither.

    A text that names ``year`` anywhere is taken to be about it. Years in the titles of documents do
    not count, nor do those in sentences that compare, look ahead or date something.
    """
    years = set(prose_years(text))
    if year in years or not years & {year - 1, year + 1}:
        return 0
    for clauses in sentences(_TITLE.sub("", text)):
        if any(_ELSEWHERE.search(clause) for clause in clauses):
            continue
        for named in prose_years(_DOCUMENT.sub("", "，".join(clauses))):
            if named in (year - 1, year + 1):
                return named
    return 0


def personal(text: str) -> Iterator[tuple[int, Phrase]]:
    """The lines of a text (as `plain` gives it) that contain an identity number or a mobile number,
    counted from 0, each with which of the two it is.
    """
    for number, line in enumerate(text.split("\n")):
        if any(_is_identity(match[0]) for match in _IDENTITY.finditer(line)):
            yield number, Phrase.IDENTITY_NUMBER
        if _MOBILE.search(line):
            yield number, Phrase.MOBILE_NUMBER


def _is_identity(digits: str) -> bool:
    """Whether 18 characters are a valid identity number: the last one is the check character of the
    others (GB 11643-1999).
    """
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == digits[17].upper()


def text_findings(case: CheckContext, text: Texts, limit: int | None) -> Iterator[Finding]:
    """Check the texts of a return and return all findings. ``text``: whether the unit must write
    texts; ``limit``: how long they may be, see `Unit`.

    Where no texts are asked for, only content that must not be published is reported.
    """
    texts = case.texts
    if plain(whole := "\n".join(texts.values())) != whole:
        texts = {name: plain(prose) for name, prose in texts.items()}
    written = bool(whole.strip())
    if text is not Texts.NONE:
        yield from _missing(case, texts, text)
        yield from _long(case, texts, limit)
        if written:
            yield from _substance(case, text)
            yield from _fee(case, texts, text)
            yield from _figures(case, texts)
            yield from _year(case, texts)
    if written:  # what must not be published is named even where nobody asked for the texts
        yield from _personal(case, texts)


def _missing(case: CheckContext, texts: Mapping[str, str], text: Texts) -> Iterator[Finding]:
    """P-01 where texts that the unit must write are empty; a part of the form whose texts are all
    empty is named by its title. ``texts``: by name, as `plain` gives them, here and below.
    """
    if text is not Texts.REQUIRED:
        return
    empty: list[str] = []
    labels: list[str] = []
    for part in _parts(case):
        blank = [t for t in part.texts if not texts.get(t.name, "").strip()]
        empty += [t.name for t in blank]
        labels += [part.title] if len(blank) == len(part.texts) else [t.label for t in blank]
    if empty:
        yield _finding(case, "P-01", empty, found=each(labels))


def _long(case: CheckContext, texts: Mapping[str, str], limit: int | None) -> Iterator[Finding]:
    """P-02 for each part of the form whose texts together are longer than allowed
    (`TextPart.allowed`), in characters without spaces.
    """
    for part in _parts(case):
        allowed = part.allowed(limit)
        if not allowed or sum(len(texts.get(text.name, "")) for text in part.texts) <= allowed:
            continue
        length = sum(len(_bare(texts.get(text.name, ""))) for text in part.texts)
        if length > allowed:
            names = [text.name for text in part.texts if texts.get(text.name, "").strip()]
            yield _finding(case, "P-02", names, detail=part.title, found=length, expected=allowed)


def _substance(case: CheckContext, text: Texts) -> Iterator[Finding]:
    """P-04 for each text that says nothing but 无 or the like, or is empty. Empty texts that the
    unit must write are left to P-01.
    """
    for name in case.form.prose.substance:
        prose = case.texts.get(name, "").strip()
        if says_nothing(prose) and (prose or text is not Texts.REQUIRED):
            yield _finding(case, "P-04", [name], detail=_label(case, name), found=prose[:20])


def _fee(case: CheckContext, texts: Mapping[str, str], text: Texts) -> Iterator[Finding]:
    """P-05 where no text says anything about the fee; P-06 where the text about it denies that any
    was charged but another text names an amount.
    """
    fee = case.form.prose.fee
    if fee is None:
        return
    prose = texts.get(fee.text, "")
    denied = fee_denied(prose, fee)
    if denied and (charge := fee_charged(texts, fee)):
        label = _label(case, fee.text)
        yield _finding(case, "P-06", [fee.text], detail=label, found=charge, expected=fee.called)
    stated = denied is not None or any(fee_denied(t, fee) is not None for t in texts.values())
    if not stated and (prose.strip() or text is not Texts.REQUIRED):
        label = _label(case, fee.text)
        yield _finding(case, "P-05", [fee.text], detail=label, expected=fee.called)


def _figures(case: CheckContext, texts: Mapping[str, str]) -> Iterator[Finding]:
    """P-03 for each text with figures that differ from the tables: one finding with all of them."""
    year = case.ret.stated_year
    for name in case.form.prose.figures:
        wrong = mismatches(case, texts.get(name, ""), year)
        if wrong:
            items = dict.fromkeys(i for mismatch in wrong for i in mismatch.items)
            lines = case.texts[name].split("\n")
            first = next((n for n, x in enumerate(lines) if _bare(wrong[0].passage) in _bare(x)), 0)
            yield _finding(
                case,
                "P-03",
                [name, *(case.form.items[i].name for i in items)],
                lines=[first],
                found=each((mismatch.passage for mismatch in wrong), "；"),
                expected=each((each(mismatch.expected, "或") for mismatch in wrong), "；"),
            )


def _year(case: CheckContext, texts: Mapping[str, str]) -> Iterator[Finding]:
    """P-07 where texts are about the year before or after; one finding for all of them."""
    year = case.ret.stated_year
    if not year or not any(str(near) in "\n".join(texts.values()) for near in (year - 1, year + 1)):
        return
    years = {name: wrong_year(prose, year) for name, prose in texts.items()}
    names = [name for name, named_year in years.items() if named_year]
    if names:
        others = each(dict.fromkeys(years[name] for name in names))
        yield _finding(case, "P-07", names, found=others, expected=year)


def _personal(case: CheckContext, texts: Mapping[str, str]) -> Iterator[Finding]:
    """P-08 for each text that contains identity or mobile numbers. The finding gives their cells
    and never repeats the numbers.
    """
    if not _DIGITS.search("\n".join(texts.values())):
        return
    for name, prose in texts.items():
        spots = list(personal(prose))
        if spots:
            lines = list(dict.fromkeys(line for line, _ in spots))
            kinds = each(dict.fromkeys(kind for _, kind in spots))
            yield _finding(case, "P-08", [name], lines=lines, found=kinds)


def _parts(case: CheckContext) -> list[TextPart]:
    """The parts of the form that are texts."""
    return [part for part in case.form.parts if isinstance(part, TextPart)]


def _label(case: CheckContext, name: str) -> str:
    """The label of a text, by its name."""
    return next(text.label for text in case.form.texts if text.name == name)


def _bare(text: str) -> str:
    """A text without any white space."""
    return "".join(text.split())


def _finding(
    case: CheckContext,
    code: str,
    names: Sequence[str],
    *,
    lines: Sequence[int] = (),
    found: Value = "",
    expected: Value = "",
    detail: Value = "",
) -> Finding:
    """A finding about texts. ``names``: of the texts, and behind them of items that they speak of.
    Its cells are the first row of each text, or the rows of ``lines`` (from 0) of the first text;
    in a document, which has no such rows, there are none.
    """
    rows = {place.text.name: place.first for place in case.layout.texts}
    here = not case.ret.document
    places = [Address(TEXT_SHEET, rows[name], 0) for name in names if here and name in rows]
    line_places = case.ret.lines.get(names[0], ())
    exact = [line_places[n] if n < len(line_places) else places[0] for n in lines if here]
    return Finding(
        code=code,
        severity=catalogue()[code].severity,
        sheet=TEXT_SHEET if here else "",
        cells=tuple(dict.fromkeys(place.a1 for place in exact or places)),
        items=tuple(names),
        found=found,
        expected=expected,
        detail=detail,
    )
