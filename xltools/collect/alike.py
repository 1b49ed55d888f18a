"""What the command itself was probably given wrongly: told when all files fail alike."""

from typing import Final

from xltools.model.findings import Topic
from xltools.model.summary import Document, Outcome, Summary

_ENOUGH: Final = 2  # files: one may well be the unit's own mistake


def suspicion(summary: Summary) -> str:
    """A question to the coordinator when every file that was read is of one other year, or of one
    other form, or has no table of the form at all; empty otherwise.
    """
    passed = (Outcome.IGNORED, Outcome.UNREADABLE)
    documents = [d for d in summary.documents if d.outcome not in passed]
    if len(documents) < _ENOUGH:
        return ""
    paths = {d.path for d in documents}
    against = [f for f in summary.findings if f.path in paths and f.is_about(Topic.ANOTHER_TABLE)]
    if {f.path for f in against} != paths:
        return ""
    head = f"全部 {len(documents)} 个文件都"
    if (
        all(f.is_about(Topic.ANOTHER_YEAR) for f in against)
        and len(years := {f.found for f in against}) == 1
    ):
        year = years.pop()
        return f"{head}是 {year} 年的，是否应为 --year {year}？"
    names = {_form_of(summary, d) for d in documents}
    if all(f.is_about(Topic.ANOTHER_FORM) for f in against) and len(names) == 1:
        name = names.pop()
        return f"{head}是 {name} 的表，是否应为 --form {name}？" if name else ""
    if all(f.is_about(Topic.NO_TABLE) for f in against):
        title, name = summary.form.title, summary.form.name
        return (
            f"{head}没有“{title}”的表，是否用错了 --form {name}？自带的表式见 xltools form list。"
        )
    return ""


def _form_of(summary: Summary, document: Document) -> str:
    """The name of the form that a return is really on, where it says so."""
    ret = summary.returns.get(document.path)
    if ret is None:
        return ""
    if ret.identity is not None and ret.identity.form:
        return f"{ret.identity.form}-{ret.identity.edition}"
    return ret.other
