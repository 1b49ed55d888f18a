"""Check single cells and tables: blank ones, figures in a table that is declared to have none,
totals that differ from their inputs, and amounts that were probably entered in 元.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from xltools.checks.case import CheckContext
from xltools.model.assessment import Judgement
from xltools.model.evaluate import prepare, rounded
from xltools.model.findings import Finding, Topic
from xltools.model.form import Form, Item, Table
from xltools.model.numbers import tidy
from xltools.model.returns import Status
from xltools.model.stated import probably_yuan, yuan
from xltools.model.wording import Phrase, Saying, distinct, few


def amount_findings(case: CheckContext) -> Iterator[Finding]:
    """X-04 for each amount that was probably entered in 元 instead of a larger unit: it is larger
    than the form thinks possible, or about 10,000 times last year's.
    """
    count, figures = len(case.form.items), case.assessment.figures
    for item, factor in _amounts(case.form):
        number = case.numbers[item.index]
        if number is None or number <= 0 or item.index in case.absent:
            continue
        last = figures[count + item.index]
        if probably_yuan(item, number, last, case.assessment.totals):
            yield case.named(
                "X-04",
                [item.index],
                found=case.content(item.index),
                expected=tidy(Decimal(number) / factor),
                detail=Phrase.UNIT_AND_LAST_YEAR(item.unit, last) if last > 0 else item.unit,
            )


@lru_cache(maxsize=16)
def _amounts(form: Form) -> Sequence[tuple[Item, int]]:
    """The inputs of a form that are amounts in another unit than 元, each with the number of 元 in
    its unit.
    """
    return [(item, factor) for item in form.items if (factor := yuan(item))]


def unreported(case: CheckContext) -> frozenset[str]:
    """The keys of tables in which the unit has filled in nothing: all inputs are blank or still
    hold what the template carried over from last year, and at least one is blank. Tables that were
    not found or are declared to have no cases are not among them.
    """
    ret = case.ret
    if not case.assessment.blanks:
        return frozenset()
    carried, numbers, priors = case.form.carried, case.numbers, dict(ret.priors.items())
    tables = []
    for table in case.form.tables:
        inputs = [i for i in case.form.inputs(table.key) if i.index not in case.absent]
        blank = [i.index in case.assessment.blanks for i in inputs]
        prefilled = [
            i.index in carried
            and numbers[i.index] is not None
            and numbers[i.index] == priors.get(carried[i.index])
            for i in inputs
        ]
        if any(blank) and all(a or b for a, b in zip(blank, prefilled, strict=True)):
            tables.append(table.key)
    return frozenset(tables)


def filled_elsewhere(case: CheckContext) -> frozenset[str]:
    """The keys of tables that are blank in their proper place but filled in elsewhere in the
    workbook. This was reported when the return was read, so nothing more is reported about them.
    """
    titles = {f.detail for f in case.ret.findings if f.is_about(Topic.FILLED_ELSEWHERE)}
    return frozenset(table.key for table in case.form.tables if table.title in titles)


def contradicted(case: CheckContext) -> dict[str, list[int]]:
    """The tables that are declared to have no cases but have figures other than 0: the item numbers
    of these figures by the key of the table.
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
            and case.numbers[i.index] != 0
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
    """B-01 to B-05: blank cells and blank tables, and figures in tables that are declared to have
    none. A return with nothing filled in gives only B-05.

    ``void``: as `unreported` gives it; ``against``: as `contradicted`; ``pending``: fatal rules
    that are broken as long as blanks count as 0.
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
    """Words for a message: which rule is broken, at which heading, and by how much."""
    instance = judgement.instance
    heading = case.form.heading_of(instance)
    return Phrase.RULE_OFF_AT(instance.rule.message, heading, judgement.difference)


def total_findings(case: CheckContext, void: frozenset[str]) -> Iterator[Finding]:
    """C-01 to C-04: totals that are blank, out of date or not a number; at most one finding of each
    code for a table. ``void``: as `unreported` gives it.
    """
    if _as_computed(case):
        return
    totals = [i for i in case.form.items if i.formula is not None and i.index not in case.absent]
    for table in case.form.tables:
        of_table = [i for i in totals if i.table == table.key]
        if table.key not in void:
            yield from _blank_totals(case, table, of_table)
        yield from _stale_totals(case, of_table)
        yield from _odd_totals(case, of_table)


def _as_computed(case: CheckContext) -> bool:
    """Whether every total is a formula, and its stored result is what the inputs give."""
    numbers, totals = case.numbers, case.assessment.totals
    computed = prepare(case.form).totals
    results = [numbers[i] for i in computed]
    return not case.ret.typed and None not in results and results == [totals[i] for i in computed]


def _blank_totals(case: CheckContext, table: Table, items: Sequence[Item]) -> Iterator[Finding]:
    """C-01 for the totals of a table whose formula was deleted and that are blank now. Where the
    table's blanks are declared to mean 0, only totals that are not 0 are reported.
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
    """C-02 or C-04 for the totals of a table whose stored result differs from what the inputs give.

    C-02 means that the program has not recalculated. C-04 is given when another total of the table
    is right, which shows that the program has recalculated: then somebody has changed the formulas,
    and the figures on the unit's paper are not those that are summed.
    """
    ret, totals = case.ret, case.assessment.totals
    stale, right = [], False
    for item in items:
        cached, total = case.numbers[item.index], totals[item.index]
        if item.index in ret.typed or cached is None or total is None:
            continue
        if rounded(cached) == rounded(total):
            right = right or total != 0
        elif not _disturbed(case, item.index):
            stale.append(item.index)
    if stale:
        code = "C-04" if right and any(case.numbers[i] != 0 for i in stale) else "C-02"
        results = few(case.numbers[i] for i in stale)
        yield case.named(code, stale, found=results, expected=few(totals[i] for i in stale))


def _odd_totals(case: CheckContext, items: Sequence[Item]) -> Iterator[Finding]:
    """C-03 for the totals of a table that are not numbers; except for formulas that fail only
    because one of their inputs is not a number.
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
    """Whether one of the inputs of a total (item number) is not a plain number, so that the total's
    formula cannot work.
    """
    below = prepare(case.form).leaves(total)
    statuses, contents = case.ret.statuses, case.ret.found
    return any(i in contents or statuses[i] is Status.UNREADABLE for i in below)
