"""A summary in the words of the terminal."""

from typing import TYPE_CHECKING, Final

from xltools.cli.console import say, warn

if TYPE_CHECKING:
    from xltools.model.summary import Summary

MARKS: Final = {"fatal": "必须更正", "query": "需说明", "note": "提示"}
SHOWN: Final = 20  # findings on the terminal; all of them stand in the workbook


def tell(summary: "Summary") -> None:
    """The result in a few lines: counts that add up, who is missing, what to ask."""
    from xltools.model.summary import OUTCOMES, Outcome
    from xltools.output.data import counts

    numbers = counts(summary)
    parts = "，".join(f"{OUTCOMES[o]} {numbers[o.value]}" for o in Outcome)
    say(f"{summary.year} 年度，共收到 {numbers['received']} 个文件：{parts}。")
    if summary.roster is not None:
        say(f"应报 {summary.expected} 个单位，已汇总 {summary.covered} 个。")
    if summary.missing:
        say(f"未报 {len(summary.missing)} 个：{'、'.join(summary.missing)}")
    if settled := sum(bool(f.decision) for f in summary.findings):
        say(f"已认可的问题 {settled} 条（见汇总表“决定”页）。")
    for document in summary.documents:
        if document.outcome in (Outcome.REJECTED, Outcome.UNREADABLE):
            say(f"{OUTCOMES[document.outcome]}：{document.path}")
    tell_findings(summary, everything=False)


def tell_refused(summary: "Summary", names: frozenset[str]) -> None:
    """Say of each unit given to --accept that is not merged why not."""
    from xltools.model.findings import acceptable
    from xltools.model.form import Severity

    merged = {entry.unit.name for entry in summary.entries}
    for name in sorted(names):
        unit = summary.roster.find(name) if summary.roster is not None else None
        known = unit.name if unit is not None else name
        codes = {
            f.code
            for f in summary.findings
            if f.unit == known and f.severity is Severity.FATAL and not acceptable(f)
        }
        if known not in merged:
            why = f"有不能强制计入的问题（{'、'.join(sorted(codes))}）" if codes else "没有它的报表"
            warn(f"--accept {name}：未计入，{why}。")


def tell_findings(summary: "Summary", *, everything: bool) -> None:
    """Every finding, those on trial last; or the open ones, so many as a screen holds."""
    from xltools.model.findings import TRIAL, Words

    words = Words.of(summary.form)
    tried = [f for f in summary.findings if f.trial]
    chosen = [f for f in summary.findings if f.open or (everything and not f.trial)]
    if chosen and not everything:
        say()
    for one in chosen[: None if everything else SHOWN] + (tried if everything else []):
        who = one.unit or one.path
        file = "" if one.unit in ("", who) and who == one.path else f"（{one.path}）"
        say(f"[{TRIAL if one.trial else MARKS[one.severity.value]} {one.code}] {who}{file}")
        say(f"  {words.message(one)}")
    if not everything and len(chosen) > SHOWN:
        say(f"…… 共 {len(chosen)} 条待处理，全部见汇总表“问题”页。")
    if tried and not everything:
        units = len({f.unit or f.path for f in tried})
        codes = "、".join(dict.fromkeys(f.code for f in tried))
        say(f"[{TRIAL}] {codes}：{units} 个单位有 {len(tried)} 条，不须处理，见汇总表“问题”页。")
