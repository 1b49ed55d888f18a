"""List every code that a finding can have, from the catalogue and from the rules of a form: as
lines for a terminal, as data for JSON, and as a page in Markdown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xltools.model.findings import SHARED, TRIAL, catalogue, shared
from xltools.model.form import Form, Severity
from xltools.model.text import columns, wrapped

_WIDTH = 80  # columns of the terminal
_GROUPS: Mapping[str, str] = {
    "F": "文件能否读取",
    "I": "是谁的、是不是本次的表",
    "D": "同一单位的多份报送",
    "M": "表格是否齐全",
    "B": "空白",
    "V": "填写的数",
    "C": "合计",
    "X": "多半填错的地方",
    "P": "文字部分",
    "E": "单位的说明",
}
_OTHERS = "其他"
_NO_REMEDY = "不须处理。"
_CLOSING = "，。；：、！？）”"  # never first in a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code with its explanation for people. ``trial``: whether it belongs to a rule on trial;
    ``group``: the heading under which it is listed; ``meaning`` and ``remedy``: sentences;
    ``acceptable``: whether the coordinator can have a return merged in spite of it; ``rule``: the
    formula of a form's rule, empty for other codes.
    """

    code: str
    severity: Severity
    trial: bool
    group: str
    meaning: str
    remedy: str
    acceptable: bool
    rule: str = ""

    @property
    def mark(self) -> str:
        """The severity in words; for a rule on trial, the word that says so."""
        return TRIAL if self.trial else self.severity.words


def general() -> tuple[Code, ...]:
    """The codes of the catalogue, in its order; the wording that rules of forms share is left
    out.
    """
    return tuple(
        Code(
            code=entry.code,
            severity=entry.severity,
            trial=False,
            group=_GROUPS.get(entry.code.partition("-")[0], _OTHERS),
            meaning=entry.meaning,
            remedy=entry.remedy or _NO_REMEDY,
            acceptable=entry.acceptable,
        )
        for entry in catalogue().values()
        if entry.code not in SHARED
    )


def rules_of(form: Form) -> tuple[Code, ...]:
    """The codes of a form's rules, in the order of the form."""
    words = catalogue()
    return tuple(
        Code(
            code=rule.code,
            severity=rule.severity,
            trial=rule.trial,
            group=form.name,
            meaning=rule.message
            + (f"（仅限{'、'.join(rule.categories)}）" if rule.categories else ""),
            remedy=words[shared(rule.severity, total=rule.total)].remedy or _NO_REMEDY,
            acceptable=True,
            rule=rule.assertion,
        )
        for rule in form.rules
    )


def data(form: Form) -> dict[str, Any]:
    """All codes of a form and of the catalogue as data for JSON."""
    return {
        "form": form.name,
        "codes": [
            {
                "code": entry.code,
                "severity": entry.severity.value,
                **({"trial": True} if entry.trial else {}),
                "group": entry.group,
                "meaning": entry.meaning,
                "remedy": entry.remedy,
                "acceptable": entry.acceptable,
                **({"rule": entry.rule} if entry.rule else {}),
            }
            for entry in (*rules_of(form), *general())
        ],
    }


def lines(form: Form) -> Iterator[str]:
    """All codes as lines for a terminal of 80 columns; the rules of the form come first."""
    group = ""
    for entry in (*rules_of(form), *general()):
        if entry.group != group:
            if group:
                yield ""
            group = entry.group
            yield f"{group}（{form.title}）" if group == form.name else group
        head = f"  {entry.code:<6}{entry.mark}"
        head += " " * (18 - columns(head))
        yield from _wrapped(entry.meaning, head, 18)
        yield from _wrapped(f"处理：{entry.remedy}", " " * 18, 24)


def _wrapped(text: str, head: str, indent: int) -> Iterator[str]:
    """A text wrapped to lines, of which the first begins with ``head`` and the others with
    ``indent`` blanks.
    """
    return wrapped(text, _WIDTH - 2, head=head, indent=" " * indent, hanging=_CLOSING)


def page(forms: Sequence[Form]) -> str:
    """The catalogue as a page in Markdown; the codes of the forms' rules come after the general
    ones.
    """
    text = [
        "# 规则与提示一览",
        "",
        "<!-- Made by `python tests/make_catalogue.py` from xltools/model/catalogue.toml and",
        "xltools/forms/*.toml. Do not edit. -->",
        "",
        "核对中发现的每个问题都有编码。“必须更正”的，改正前不计入汇总（标 ✓ 的，经办人可用",
        "`--accept` 强制计入）；“需说明”的，改正或者说明原因；“提示”和“试行”的，不须处理。",
        "`xltools rules` 在屏幕上列出同样的内容。",
    ]
    groups: dict[str, list[Code]] = {}
    for entry in general():
        groups.setdefault(entry.group, []).append(entry)
    for form in forms:
        groups[f"{form.title}（{form.name}，{form.authority}）的勾稽关系"] = list(rules_of(form))
    for title, codes in groups.items():
        text += [
            "",
            f"## {title}",
            "",
            "| 编码 | 性质 | 含义 | 处理 | 可强制计入 |",
            "|---|---|---|---|---|",
        ]
        for entry in codes:
            can = "✓" if entry.severity is Severity.FATAL and entry.acceptable else ""
            cells = (entry.code, entry.mark, entry.meaning, entry.remedy, can)
            text.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join(text) + "\n"
