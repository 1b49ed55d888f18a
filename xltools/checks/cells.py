"""Findings about single cells and tables: not filled in, against a declaration, totals that are not
what the inputs give, amounts that were probably entered in 元.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from xltools.checks.case import CheckContext
from xltools.model.evaluate import Judgement, prepare, rounded
from xltools.model.findings import Finding, Topic
from xltools.model.form import Item, Table
from xltools.model.numbers import tidy
from xltools.model.returns import Status
from xltools.model.stated import probably_yuan, yuan
from xltools.model.wording import Phrase, Saying, distinct, few


def amount_findings(case: CheckContext) -> Iterator[Finding]:
    """X-04: an amount that was probably entered in 元, since it is larger than the form thinks
    possible or some 10,000 times last year's.
    """
    items, figures = case.form.items, case.assessment.figures
    for item in items:
        factor = yuan(item)
        number = case.ret.numbers[item.index]
        if not factor or number is None or number <= 0 or item.index in case.absent:
            continue
        last = figures[len(items) + item.index]
        if probably_yuan(item, number, last, case.assessment.totals):
            yield case.named(
                "X-04",
                [item.index],
                found=case.content(item.index),
                expected=tidy(Decimal(number) / factor),
                detail=Phrase.UNIT_AND_LAST_YEAR(item.unit, last) if last > 0 else item.unit,
            )


def unreported(case: CheckContext) -> frozenset[str]:
    """The keys of tables in which nothing was filled in: all inputs are blank, or hold what the
    template carried over from last year. Not among them is a table that was not found, or one
    that is declared to have nothing.
    """
    ret = case.ret
    if not case.assessment.blanks:
        return frozenset()
    carried = case.form.carried
    tables = []
    for table in case.form.tables:
        inputs = [i for i in case.form.inputs(table.key) if i.index not in case.absent]
        blank = [i.index in case.assessment.blanks for i in inputs]
        prefilled = [
            i.index in carried
            and ret.numbers[i.index] is not None
            and ret.numbers[i.index] == ret.priors.get(carried[i.index])
            for i in inputs
        ]
        if any(blank) and all(a or b for a, b in zip(blank, prefilled, strict=True)):
            tables.append(table.key)
    return frozenset(tables)


def filled_elsewhere(case: CheckContext) -> frozenset[str]:
    """The keys of tables that are blank in their place, but filled in somewhere else in the
    workbook. A finding of the reading says so, and nothing else is to be said of them.
    """
    titles = {f.detail for f in case.ret.findings if f.is_about(Topic.FILLED_ELSEWHERE)}
    return frozenset(table.key for table in case.form.tables if table.title in titles)


def contradicted(case: CheckContext) -> dict[str, list[int]]:
    """The keys of tables that are declared to have nothing and in which figures other than 0 stand,
    with the items of these figures.
    """
    ret = case.ret
    by_table = {}
    for table in ret.none:
        figures = [
            i.index
            for i in case.form.items
            if i.table == table
            and (i.formula is None or i.index in ret.typed)
            and ret.statuses[i.index] is Status.GIVEN
            and ret.numbers[i.index] != 0
            and i.index not in case.absent
        ]
        if figures:
            by_table[table] = figures
    return by_table


def blank_findings(
    case: CheckContext,
    void: frozenset[str],
    against: dict[str, list[int]],
    pending: Sequence[Judgement],
) -> Iterator[Finding]:
    """B-01 to B-05: blank cells and tables, and figures against a declaration.

    ``void``: as `unreported`; ``against``: as `contradicted`; ``pending``: fatal rules that are off
    while blanks count as 0.
    """
    if not case.assessment.blanks and not against:
        return
    elsewhere = filled_elsewhere(case)
    # One cause: the template came back as it went out.
    if len(void) == len(case.form.tables) and not elsewhere:
        yield case.named("B-05", [case.form.inputs()[0].index])
        return
    for table in case.form.tables:
        if table.key in against:
            cells = against[table.key]
            contents = few(distinct(case.content(i) for i in cells))
            yield case.named("B-04", cells, detail=table.title, found=contents)
        inputs = [i.index for i in case.form.inputs(table.key) if i.index not in case.absent]
        if table.key in void:
            if table.key not in elsewhere:
                yield case.named("B-01", inputs[:1], detail=table.title)
            continue
        blank = [i for i in inputs if i in case.assessment.blanks]
        if not blank:
            continue
        off = [j for j in pending if not set(blank).isdisjoint(j.instance.leaves)]
        if off:
            detail = few(distinct(_off_at(case, judgement) for judgement in off))
            yield case.named("B-03", blank, found=Phrase.BLANK_CELLS(len(blank)), detail=detail)
        else:
            yield case.named("B-02", blank, found=Phrase.BLANK_CELLS(len(blank)))


def _off_at(case: CheckContext, judgement: Judgement) -> Saying:
    """Which rule is off, at which heading, and by how much."""
    instance = judgement.instance
    heading = case.form.heading_of(instance)
    return Phrase.RULE_OFF_AT(instance.rule.message, heading, judgement.difference)


def total_findings(case: CheckContext, void: frozenset[str]) -> Iterator[Finding]:
    """C-01 to C-04: totals that are blank, out of date or no number, each once a table. ``void``:
    as `unreported`.
    """
    totals = [i for i in case.form.items if i.formula is not None and i.index not in case.absent]
    for table in case.form.tables:
        of_table = [i for i in totals if i.table == table.key]
        if table.key not in void:
            yield from _blank_totals(case, table, of_table)
        yield from _stale_totals(case, of_table)
        yield from _odd_totals(case, of_table)


def _blank_totals(case: CheckContext, table: Table, items: Sequence[Item]) -> Iterator[Finding]:
    """C-01: totals of a table that were typed over and left blank. Under a declaration a blank
    stands for 0 and is named only where that is wrong.
    """
    ret, totals = case.ret, case.assessment.totals
    declared = ret.zero or table.key in ret.none
    blank = [
        i.index
        for i in items
        if i.index in ret.typed
        and ret.statuses[i.index] is Status.BLANK
        and totals[i.index] is not None
        and not (declared and totals[i.index] == 0)
    ]
    if blank:
        yield case.named("C-01", blank, expected=few(totals[i] for i in blank))


def _stale_totals(case: CheckContext, items: Sequence[Item]) -> Iterator[Finding]:
    """C-02 or C-04: totals of a table whose stored result is not what the inputs give.

    C-02 where the program did not calculate; C-04 where other totals of the table are right, so it
    did: then somebody changed these formulas, and the figures on the unit's paper differ from those
    that are added up.
    """
    ret, totals = case.ret, case.assessment.totals
    stale, right = [], False
    for item in items:
        cached, total = ret.numbers[item.index], totals[item.index]
        if item.index in ret.typed or cached is None or total is None:
            continue
        if rounded(cached) == rounded(total):
            right = right or total != 0
        elif not _disturbed(case, item.index):
            stale.append(item.index)
    if stale:
        code = "C-04" if right and any(ret.numbers[i] != 0 for i in stale) else "C-02"
        results = few(ret.numbers[i] for i in stale)
        yield case.named(code, stale, found=results, expected=few(totals[i] for i in stale))


def _odd_totals(case: CheckContext, items: Sequence[Item]) -> Iterator[Finding]:
    """C-03: totals of a table that hold no number, unless a formula failed because of an input that
    holds none.
    """
    ret, totals = case.ret, case.assessment.totals
    odd = [
        i
        for i in case.holding((i.index for i in items), Status.UNREADABLE)
        if i in ret.typed or not _disturbed(case, i)
    ]
    if odd:
        sums = [totals[i] for i in odd if totals[i] is not None]
        expected = few(sums) if sums else Phrase.TOTAL_PENDING
        contents = few(distinct(case.content(i) for i in odd))
        yield case.named("C-03", odd, found=contents, expected=expected)


def _disturbed(case: CheckContext, total: int) -> bool:
    """Whether a total rests on an input that is no plain number, so that its formula cannot
    work.
    """
    below = prepare(case.form).leaves(total)
    statuses, contents = case.ret.statuses, case.ret.found
    return any(i in contents or statuses[i] is Status.UNREADABLE for i in below)
