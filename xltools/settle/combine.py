"""Put part returns of a unit together, of which each has filled in some of the cells."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xltools.layout.places import Layout
from xltools.model.differences import entry
from xltools.model.evaluate import prepare
from xltools.model.findings import Finding, Topic
from xltools.model.form import Form
from xltools.model.returns import Return, Status
from xltools.model.wording import FEW, Listing, Phrase, Value, each
from xltools.settle.comparison import filled


class ConflictError(ValueError):
    """Raised when parts have filled in the same cell differently. ``cells``: what each part says in
    each such cell, ready for a message; the first three are shown.
    """

    def __init__(self, cells: Listing) -> None:
        self.cells = cells
        super().__init__(cells)


def combined(layout: Layout, parts: Mapping[str, Return]) -> tuple[Return, dict[int, Value]]:
    """Unite several returns of a unit into one. ``parts``: the returns by file name; the first is
    the one that the others are added to.

    Returns the united return and, by item number, a note that says which file a figure was taken
    from, for the inputs that are not from the first. Each input is taken from the part that has
    filled it in. A total whose inputs come from several parts is left blank, to be recomputed.
    Raises ConflictError.
    """
    form, names, rets = layout.form, list(parts), list(parts.values())
    owners = _owners(layout, parts)
    sources = [rets[owner] for owner in owners]
    places = [ret.places[at] for at, ret in enumerate(sources)]
    united = replace(
        _figures(rets[0], sources, _divided(form, owners)),
        places=places,
        zero=all(ret.zero for ret in rets),
        none=frozenset().union(*(ret.none for ret in rets)),
        missing=frozenset.intersection(*(ret.missing for ret in rets)),
        texts={k: v for ret in reversed(rets) for k, v in ret.texts.items() if v},
        explanations={k: v for ret in reversed(rets) for k, v in ret.explanations.items()},
        explained=tuple(line for ret in rets for line in ret.explained),
        priors={k: v for ret in reversed(rets) for k, v in ret.priors.items()},
        findings=tuple(_findings(layout, parts, owners, places)),
    )
    marks: dict[int, Value] = {
        item.index: Phrase.TAKEN_FROM_CELL(names[owners[item.index]], place)
        if (place := places[item.index])
        else Phrase.TAKEN_FROM(names[owners[item.index]])
        for item in form.inputs()
        if owners[item.index]
    }
    return united, marks


def _owners(layout: Layout, parts: Mapping[str, Return]) -> list[int]:
    """For each item of the form, the number of the part (from 0) that it is taken from. For an
    input that is the part that has filled it in or, where none has, the first part with any content
    there; for a total, the first part that any of its inputs is taken from. Raises ConflictError.
    """
    form, rets = layout.form, list(parts.values())
    filled_in = [filled(form, ret) for ret in rets]
    owners = [0] * len(form.items)
    conflicts = []
    for item in form.inputs():
        at = item.index
        having = [n for n, items in enumerate(filled_in) if at in items]
        if len({entry(rets[n], at).counted for n in having}) > 1:
            conflicts.append(_conflict(layout, at, [list(parts.items())[n] for n in having]))
        # Otherwise any content: a figure of last year that the template carried over.
        standing = [n for n, ret in enumerate(rets) if ret.statuses[at] is not Status.BLANK]
        located = [n for n, ret in enumerate(rets) if ret.places[at] is not None]
        owners[at] = next(iter((*having, *standing, *located, 0)))
    if conflicts:
        raise ConflictError(Listing(values=tuple(conflicts), most=FEW, rest="等 {} 处", mark="；"))
    plan = prepare(form)
    for item in form.items:
        if item.formula is not None:
            owners[item.index] = min((owners[leaf] for leaf in plan.leaves(item.index)), default=0)
    return owners


def _conflict(layout: Layout, item: int, parts: Sequence[tuple[str, Return]]) -> Value:
    """What each part that has filled in an item says there, with the item's cell on the template,
    as a value for a message. ``parts``: file name and return.
    """
    given = each(
        Phrase.FILE_GIVES(name, ret.found.get(item, entry(ret, item).words)) for name, ret in parts
    )
    return Phrase.CELL_IS_GIVEN(layout.address(item), given)


def _divided(form: Form, owners: Sequence[int]) -> frozenset[int]:
    """The totals (item numbers) whose inputs are taken from more than one part. ``owners``: as
    `_owners` gives them.
    """
    plan = prepare(form)
    return frozenset(
        item.index
        for item in form.items
        if item.formula is not None and len({owners[leaf] for leaf in plan.leaves(item.index)}) != 1
    )


def _figures(first: Return, sources: Sequence[Return], divided: frozenset[int]) -> Return:
    """Put the figures of all parts into ``first``. ``sources``: for each item, the return that it
    is taken from. ``divided``: totals to leave blank, because the total in one part is not the
    total of the whole.
    """
    return replace(
        first,
        numbers=[None if at in divided else ret.numbers[at] for at, ret in enumerate(sources)],
        statuses=[
            Status.BLANK if at in divided else ret.statuses[at] for at, ret in enumerate(sources)
        ],
        found={
            at: ret.found[at]
            for at, ret in enumerate(sources)
            if at in ret.found and at not in divided
        },
        typed=frozenset(
            at for at, ret in enumerate(sources) if at in ret.typed and at not in divided
        ),
    )


def _findings(
    layout: Layout, parts: Mapping[str, Return], owners: Sequence[int], places: Sequence[object]
) -> list[Finding]:
    """The findings from reading the parts that are still true of the united return, each with the
    name of its file. Dropped are those about cells that are taken from another part, and those
    about a missing table or cells that another part has.
    """
    kept = []
    for number, (name, ret) in enumerate(parts.items()):
        for problem in ret.findings:
            items = [layout.form.by_name[i] for i in problem.items if i in layout.form.by_name]
            if problem.is_about(Topic.LOST):
                lost = items or [
                    i.index
                    for t in layout.tables
                    if t.table.title == problem.detail
                    for i in layout.form.items
                    if i.table == t.table.key
                ]
                if all(places[i] is not None for i in lost):
                    continue
            elif items and not any(owners[i] == number for i in items):
                continue
            kept.append(replace(problem, path=name))
    return kept
