"""Decide what a unit is asked, by putting its findings together in its own words, and what its
correction workbook contains from the returns that it sent.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltools.excel.safe_text import LONGEST, plain
from xltools.layout.places import TEXT_SHEET, Layout
from xltools.model.assessment import judge
from xltools.model.cells import Address
from xltools.model.findings import Finding, Words, catalogue
from xltools.model.form import Item, Severity
from xltools.model.identity import CHECKS, CHECKS_TOP, WHY
from xltools.model.numbers import Number, from_float, show
from xltools.model.returns import Return, RuleState, Status
from xltools.template.opening import Issue, Issues, Start


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An entry of a return that cannot be carried over into the correction workbook. ``name``: of
    the item or text; ``content``: what was in the return.
    """

    name: str
    content: str


def carry(
    layout: Layout, returns: Sequence[Return], priors: Mapping[int, Number]
) -> tuple[Start, tuple[Lost, ...]]:
    """What a correction workbook contains from the returns of a unit, and the entries that cannot
    be carried over.

    Several ``returns`` are parts of one: where the first has nothing, the next one is used, and a
    cell that two have filled in differently is left blank. Cells that no return had start as in a
    fresh template, with what is carried over from last year. ``priors``: last year's figures by
    item number.
    """
    form, first = layout.form, returns[0]
    figures: dict[int, Number] = {}
    lost: list[Lost] = []
    for item in form.inputs():
        carried = _carried(layout, item, returns, priors)
        if isinstance(carried, Lost):
            lost.append(carried)
        elif carried is not None:
            figures[item.index] = carried
    texts, too_long = _texts(layout, returns)
    explanations: dict[str, str] = {}
    for ret in reversed(returns):
        explanations |= {k: plain(text) for k, text in ret.explanations.items()}
    # Explanations of rules are not among these lines: they are in the rows of their rules.
    lines = dict.fromkeys(
        (line.code or line.typed[0], line.typed[1], plain(line.words))
        for ret in returns
        for line in ret.explained
        if not line.rows
    )
    tables = {form.items[i].table for i, n in figures.items() if n}
    none = {table for r in returns for table in r.none}
    start = Start(
        figures=figures,
        zero=any(r.zero for r in returns),
        # In a single return a declaration against figures stays, for the unit to settle.
        none=frozenset(none if len(returns) == 1 else none - tables),
        texts=texts,
        explanations=explanations,
        explained=tuple(lines),
        filler=_first(r.filler for r in returns),
        phone=_first(r.phone for r in returns),
        date=first.date,
    )
    return start, (*lost, *too_long)


def _carried(
    layout: Layout, item: Item, returns: Sequence[Return], priors: Mapping[int, Number]
) -> Number | Lost | None:
    """What becomes of an input in the correction workbook: its figure; a `Lost`, if what the unit
    entered cannot be carried over; or None for a blank cell.
    """
    at = item.index
    filled = [r for r in returns if r.statuses[at] in (Status.GIVEN, Status.VOID)]
    numbers = list(dict.fromkeys(n for r in filled if (n := r.numbers[at]) is not None))
    if len(numbers) > 1:
        readings = "、".join(show(number) for number in numbers)
        return Lost(name=item.name, content=f"几份文件中分别是 {readings}")
    if numbers:
        number = numbers[0]
        return number if _exact(number) else Lost(name=item.name, content=show(number))
    for ret in returns:
        if ret.statuses[at] is Status.UNREADABLE and ret.places[at] is not None:
            return Lost(name=item.name, content=ret.found.get(at) or "公式，没有保存结果")
    source = layout.form.carried.get(at)
    if source is not None and all(ret.places[at] is None for ret in returns):
        return priors.get(source)
    return None


def _exact(number: Number) -> bool:
    """Whether a cell can store a number exactly: spreadsheet programs keep fifteen digits."""
    return -(10**15) < number < 10**15 and from_float(float(number)) == number


def _first(texts: Iterable[str]) -> str:
    """The first text that is not empty, made safe for a cell; empty where all are."""
    return next((plain(t) for t in texts if t), "")


def _texts(layout: Layout, returns: Sequence[Return]) -> tuple[dict[str, str], list[Lost]]:
    """The texts that can be carried over, by name, and those that are too long for the sheet
    文字.
    """
    texts: dict[str, str] = {}
    lost = []
    for name in (text.name for text in layout.form.texts):
        prose = _first(r.texts.get(name, "") for r in returns)
        rows = prose.split("\n")
        if len(rows) > 1000 or any(len(row.encode("utf-16-le")) > 2 * LONGEST for row in rows):
            lost.append(Lost(name=name, content=f"文字过长（{len(prose)} 字），请从原文件复制"))
        elif prose:
            texts[name] = prose
    return texts, lost


MEND, EXPLAIN = "请更正", "请说明"
"""What is asked for, in a word: to correct something, or to explain it."""
SHOWN, SHOWN_LOST = 14, 8
"""How many lines 问题 has for what is asked and for what is lost, so that it fits one page."""
_NAMED = 3  # findings of a code that a line names; the others are counted
_LONGEST = 150  # characters of a finding in a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a unit is asked about all its findings with the same code.

    ``kind``: MEND or EXPLAIN; ``text``: the findings and their remedy; ``count``: how many findings
    there are. ``cells``: the cells of the correction workbook that the unit must look at;
    ``marks``: notes on them, see `Subject`. ``about``: the cells that an answer refers to, empty
    where one of the findings is not about cells.
    """

    code: str
    kind: str
    text: str
    count: int = 1
    cells: tuple[Address, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    about: tuple[Address, ...] = ()


def asks(layout: Layout, findings: Sequence[Finding], words: Words) -> tuple[Ask, ...]:
    """What a unit is asked about its findings: one `Ask` for each code, those that must be
    corrected first. ``words``: those of the form.
    """
    groups: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: f.severity is not Severity.FATAL):
        groups.setdefault(finding.code, []).append(finding)
    return tuple(_ask(layout, group, words) for group in groups.values())


def _ask(layout: Layout, group: Sequence[Finding], words: Words) -> Ask:
    """The question about a group of findings with the same code."""
    fatal, remedy = group[0].severity is Severity.FATAL, words.entry(group[0]).unit_remedy
    form_rule = group[0].code not in catalogue()
    marks: dict[str, str] = {}
    cells: dict[Address, None] = {}
    for finding in group:
        # A note is attached to its cell, and only says what is wrong there.
        note = f"{MEND if fatal else EXPLAIN}：{words.unit_message(finding)}{remedy}"
        for name, address in places(layout, finding).items():
            marks.setdefault(name, note)
            cells.setdefault(address)
    several = len(group) > 1
    lines = list(
        dict.fromkeys(_line(layout, f, words, rule=not (form_rule and several)) for f in group)
    )
    text = "；".join(t.rstrip("。") for t in lines[:_NAMED])
    text += f" 等 {len(group)} 处。" if len(lines) > _NAMED else "。"
    if form_rule and several:
        text = f"{words.rule(group[0])}。{text}"
    return Ask(
        code=group[0].code,
        kind=MEND if fatal else EXPLAIN,
        text=text + remedy,
        count=len(group),
        cells=tuple(cells),
        marks=marks,
        about=_about(layout, group),
    )


def _about(layout: Layout, group: Sequence[Finding]) -> tuple[Address, ...]:
    """The cells that an answer to a group of findings refers to: the cells of the findings
    themselves, not those that they are compared with. Empty where one of the findings has no cells.
    """
    about: dict[Address, None] = {}
    for finding in group:
        narrowed = replace(finding, items=finding.items[: max(1, len(finding.cells))], detail="")
        named = places(layout, narrowed)
        if not named:
            return ()
        about |= dict.fromkeys(named.values())
    return tuple(about)


def _line(layout: Layout, finding: Finding, words: Words, *, rule: bool) -> str:
    """A finding as one line of text, preceded by its heading, at most 150 characters. ``rule``:
    whether the line says which rule of the form is broken.
    """
    where, fact = heading(layout, finding), words.unit_message(finding, rule=rule)
    line = f"“{where}”：{fact}" if where and where not in fact else fact
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def heading(layout: Layout, finding: Finding) -> str:
    """The innermost heading that all items of a finding share; empty where they share none."""
    form = layout.form
    items = [form.items[form.by_name[n]] for n in finding.items if n in form.by_name]
    if not items or len({i.table for i in items}) > 1:
        return ""
    if len(items) == 1:
        return items[0].label if items[0].rows else " / ".join(items[0].columns[-2:])
    if len({i.column for i in items}) == 1:
        return items[0].columns[-1]
    if len({i.row for i in items}) == 1 and items[0].rows:
        return items[0].rows[-1]
    outer = {i.columns[:-1] for i in items}
    return "".join(items[0].columns[-2:-1]) if len(outer) == 1 and not items[0].rows else ""


def places(layout: Layout, finding: Finding) -> dict[str, Address]:
    """The cells of the correction workbook that a finding is about, by the name of the item or
    text. For a finding about a whole table, the cell of the table's first input.
    """
    form, by_name = layout.form, dict[str, Address]()
    texts = {p.text.name: Address(TEXT_SHEET, p.first, 0) for p in layout.texts}
    for name in finding.items:
        if name in form.by_name:
            by_name[name] = layout.address(form.by_name[name])
        elif name in texts:
            by_name[name] = texts[name]
    if not by_name:
        table = next((t for t in layout.tables if t.table.title == finding.detail), None)
        if table is not None:
            first = form.inputs(table.table.key)[0]
            by_name[first.name] = layout.address(first.index)
    return by_name


def explanations(
    layout: Layout,
    ret: Return,
    asked: Collection[str],
    *,
    category: str,
    prior: Sequence[Number | None] | None,
) -> dict[str, str]:
    """The notes for the cells of 校验 in which the unit may explain rules that are violated, by
    ``CODE@item``.

    ``asked``: the codes of the rules that the unit is asked about; ``category``: of the unit;
    ``prior``: last year's figures by item number, None to use those in the return.
    """
    return {
        layout.form.key_of(judgement.instance): "请在这里写明情况说明；改了数、平衡了的不用写。"
        for judgement in judge(layout.form, ret, category=category, prior=prior)
        if judgement.state is RuleState.OFF
        and judgement.instance.rule.code in asked
        and judgement.instance.rule.severity is Severity.QUERY
    }


def issues(layout: Layout, asked: Sequence[Ask], lost: Sequence[Lost]) -> Issues:
    """The content of the sheet 问题: what is asked and what is lost, as much as fits on one
    page.
    """
    form = layout.form
    labels = {t.name: t.label for t in form.texts}
    unfilled = []
    for entry in lost:
        at = form.by_name.get(entry.name)
        if at is None:
            unfilled.append((f"{TEXT_SHEET} {labels[entry.name]}", entry.content))
        else:
            address, item = layout.address(at), form.items[at]
            unfilled.append((f"{address.sheet} {address.a1}（{item.label}）原填", entry.content))
    return Issues(
        lines=tuple(
            Issue(
                kind=a.kind,
                cells=a.cells,
                text=a.text,
                code=a.code,
                about=a.about,
                mend=a.kind == MEND,
            )
            for a in asked[:SHOWN]
        ),
        lost=tuple(unfilled[:SHOWN_LOST]),
        unlisted=len(asked[SHOWN:]),
        unlisted_lost=len(unfilled[SHOWN_LOST:]),
    )


def on_checks(layout: Layout, ask: Ask, answers: Collection[str]) -> Ask:
    """The question about a rule, with links to the rows of 校验 where it can be explained in front
    of its other links; an answer on 问题 then refers to all these rows. A question about anything
    else is returned unchanged.

    ``answers``: the rows in which rules can be explained, by ``CODE@item``.
    """
    anchors = {
        layout.form.key_of(i): layout.address(i.anchor)
        for i in layout.form.instances
        if i.rule.code == ask.code
    }
    keys = [key for key in answers if key in anchors]
    if not keys:
        return ask
    cells = (*(answer_cell(layout, key) for key in keys), *ask.cells)
    return replace(ask, cells=cells, about=tuple(anchors[key] for key in keys))


def answer_cell(layout: Layout, key: str) -> Address:
    """The cell of 校验 in which a rule at a place is explained. ``key``: the rule and the place as
    ``CODE@item``.
    """
    rows = {layout.form.key_of(instance): instance.index for instance in layout.form.instances}
    return Address(CHECKS, CHECKS_TOP + rows[key], WHY)
