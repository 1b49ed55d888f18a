"""What a mail to a unit says, in the words of one office to another."""

from collections.abc import Sequence

from xltools.reply.asks import EXPLAIN, MEND, SHOWN, Ask
from xltools.reply.case import Case, Kind

_INDENT = "　　"
_SECRET = "请勿通过互联网邮箱报送涉密内容。"


def subject(case: Case, title: str) -> str:
    """The subject. ``title``: the form with its year."""
    verb = {Kind.CORRECTION: "请核对更正", Kind.AGAIN: "请重新报送", Kind.REMINDER: "催报"}
    return f"{verb[case.kind]}：{title}（{case.unit.name}）"


def body(case: Case, title: str, asked: Sequence[Ask], file: str, lost: int) -> str:
    """The text of the mail. ``file``: the name of the workbook that goes along; ``lost``: how
    many entries it could not take over.
    """
    lines = [f"{case.unit.name}：", ""]
    if case.kind is Kind.REMINDER:
        lines += [
            f"{_INDENT}截至目前，尚未收到贵单位的{title}。填报模板随本邮件附上（{file}），请尽快"
            "填好，把文件发回本邮箱，不要改文件名；已经报送的，请回复告知报送时间和方式，以便查找。",
        ]
    elif case.kind is Kind.AGAIN:
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
    for number, one in enumerate(asked[:SHOWN], 1):
        sheet = one.cells[0].sheet if one.cells else ""
        own = [cell.a1 for cell in one.cells[:4] if cell.sheet == sheet]
        more = f" 等 {len(one.cells)} 格" if len(one.cells) > len(own) else ""
        place = f"，{sheet} {'、'.join(own)}{more}" if own else ""
        head = f"{one.kind}（{one.code}{place}）：" if kinds else ""
        lines.append(f"{_INDENT}{number}. {head}{one.text}")
    if len(asked) > SHOWN:
        lines.append(f"{_INDENT}另有 {len(asked) - SHOWN} 项，见附件各表橙色框的格。")
    return [*lines, ""]


def _names(case: Case) -> str:
    names = [d.path.rsplit("/", 1)[-1] for d in case.documents]
    return "、".join(names[:3]) + ("等" if len(names) > 3 else "")
