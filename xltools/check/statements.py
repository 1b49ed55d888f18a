"""What the prose says of the fee and of its year, whether it says anything, and of whom."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from xltools.check.quantities import plain, sentences
from xltools.model import numbers
from xltools.model.form import Fee
from xltools.model.numbers import Kind, Number

_REACH = 12  # characters between the name of the fee and its denial
_DENIED: Final = re.compile(
    r"未|没有|无|不涉及|不存在|不收|免收|免费|为零|零元|"
    r"为\s*0(?![.0-9])|(?<![0-9.])0(?:\.0+)?\s*(?:万?元|[件笔份次])"
)
_AMOUNT: Final = re.compile(r"([0-9][0-9,，.]*)\s*(万?元)")
_NOTHING: Final = frozenset(
    "无 没有 暂无 不适用 不涉及 不存在 无问题 没有问题 不存在问题 无存在问题 零 略".split()
)
_YEAR: Final = re.compile(r"(?<![0-9])(20[0-9]{2})\s*年")
# A year in the title of a document, or before what a document or a round of work is called.
_TITLE: Final = re.compile(r"《[^》]*》|〈[^〉]*〉|<[^>\n]*>|“[^”]*”")
_DOCUMENT: Final = re.compile(
    r"(?<![0-9])20[0-9]{2}\s*年度?[^，,。；;：:\n按依据我本]{0,24}?"
    r"(?:要点|通知|报告|年报|考核|考评|评估|测评|方案|意见|工作安排|任务分工|清单|预算|决算)"
)
# A sentence that looks back or ahead, or tells when something was made, names another year rightly.
_ELSEWHERE: Final = re.compile(
    r"比|较|同期|相比|以来|去年|上年|上一年|此前|截至|截止|自20|从20|起|修订|印发|实施|施行|颁布|"
    r"将|下一步|明年|今后|来年|下一年|下年|计划|打算|拟|继续|展望|规划|结转|转结|转入|转至|顺延|延至|遗留|历年|近[一二两三四五0-9]"
)
# 18 characters, the last of which may be X; the weights of GB 11643-1999.
_IDENTITY: Final = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_MOBILE: Final = re.compile(
    r"(?<![0-9])(?:\+?86[- ]?)?(1[3-9][0-9])[- ]?([0-9]{4})[- ]?([0-9]{4})(?![0-9])"
)


def says_nothing(text: str) -> bool:
    """Whether a text is empty, or no more than 无."""
    bare = re.sub(r"[\s。.，,；;：:、]+", "", text)
    if not bare or bare in _NOTHING:
        return True
    reading = numbers.read(bare)
    return reading is not None and reading.kind is Kind.VOID


def fee_denied(text: str, fee: Fee) -> bool | None:
    """Whether a text says that no fee was collected; None when it says nothing of the fee.

    Under its own name it is none of in any words; under another, an amount or a denial must stand
    in the same sentence: 没有收费, 未收取任何费用.
    """
    none: bool | None = None
    for clauses in sentences(plain(text)):
        for number, clause in enumerate(clauses):
            for word in (fee.called, *fee.also):
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
    """The words in which a text other than the one for the fee names an amount of it, or none."""
    for other, text in texts.items():
        if other != fee.text:
            for clauses in sentences(plain(text)):
                for clause in clauses:
                    if fee.called in clause and _charged(clause):
                        return clause.strip()[:40]
    return ""


def _charged(clause: str) -> Number:
    """The largest amount of money above 0 in a clause; 0 without one."""
    largest: Number = 0
    for amount in _AMOUNT.finditer(clause):
        reading = numbers.read(amount[1] + amount[2], "万元")
        if reading is not None and reading.number is not None and reading.number > largest:
            largest = reading.number
    return largest


def wrong_year(text: str, year: int) -> int:
    """The year before or after ``year`` that a text speaks of instead of it; 0 for none.

    A text that names its own year anywhere is taken to know it. Titles of documents do not count,
    nor do sentences that compare, look ahead or date something.
    """
    folded = plain(text)
    years = {int(y) for y in _YEAR.findall(folded)}
    if year in years or not years & {year - 1, year + 1}:
        return 0
    for clauses in sentences(_TITLE.sub("", folded)):
        if any(_ELSEWHERE.search(clause) for clause in clauses):
            continue
        for found in _YEAR.findall(_DOCUMENT.sub("", "，".join(clauses))):
            if int(found) in (year - 1, year + 1):
                return int(found)
    return 0


def personal(text: str) -> Iterator[tuple[int, str]]:
    """Lines (from 0) in which an identity number or a mobile number stands, and which it is."""
    for number, line in enumerate(plain(text).split("\n")):
        if any(_is_identity(found[0]) for found in _IDENTITY.finditer(line)):
            yield number, "身份证号码"
        if _MOBILE.search(line):
            yield number, "手机号码"


def _is_identity(digits: str) -> bool:
    """Whether the last character is the check of the others (GB 11643-1999)."""
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == digits[17].upper()
