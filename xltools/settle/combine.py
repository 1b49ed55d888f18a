"""Part returns of a unit put together: each has filled in some of the cells."""

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
    """The parts have filled in the same cell differently. ``cells``: what each says there, the
    first three of them shown.
    """

    def __init__(self, cells: Listing) -> None:
        self.cells = cells
        super().__init__(cells)


def combined(layout: Layout, parts: Mapping[str, Return]) -> tuple[Return, dict[int, Value]]:
    """The united return of parts by file name, the first the one that the others are added to;
    and where each figure that is not the first's was taken from, by item.

    A cell that one part has filled in is that part's; totals are recomputed where their parts
    come from several files. Raises ConflictError.
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
    """The part, counted from 0, that each item is taken from; of a total, the first of those that
    the figures are taken from which it adds up. Raises ConflictError.
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
        # Else whatever stands there: a figure of last year that the template carried.
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
    """What the parts that have filled in an item say there."""
    given = each(
        Phrase.FILE_GIVES(name, ret.found.get(item, entry(ret, item).words)) for name, ret in parts
    )
    return Phrase.CELL_IS_GIVEN(layout.address(item), given)


def _divided(form: Form, owners: Sequence[int]) -> frozenset[int]:
    """The totals of which the figures that they add up are not taken from one part."""
    plan = prepare(form)
    return frozenset(
        item.index
        for item in form.items
        if item.formula is not None and len({owners[leaf] for leaf in plan.leaves(item.index)}) != 1
    )


def _figures(first: Return, sources: Sequence[Return], divided: frozenset[int]) -> Return:
    """The first part with each figure from its source, the total of a part not taken for that of
    the whole. ``sources``: by item; ``divided``: as ``_divided`` gives them.
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
    """What was said of the parts' reading, where it still is to be said of the whole."""
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
