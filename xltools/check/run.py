"""The check of one return: everything that is to be said about its figures and texts."""

from collections.abc import Sequence
from decimal import localcontext

from xltools.check.case import Case
from xltools.check.cells import (
    amount_findings,
    blank_findings,
    contradicted,
    filled_elsewhere,
    total_findings,
    unreported,
)
from xltools.check.explanations import explained
from xltools.check.rules import imbalances, rule_findings
from xltools.check.texts import text_findings
from xltools.layout.places import Layout
from xltools.model.evaluate import EXACT, assess
from xltools.model.findings import Finding
from xltools.model.numbers import Number
from xltools.model.returns import Return
from xltools.model.roster import Texts


def check(
    layout: Layout,
    ret: Return,
    *,
    category: str = "",
    prior: Sequence[Number | None] | None = None,
    text: Texts = Texts.OPTIONAL,
    limit: int | None = None,
) -> tuple[Finding, ...]:
    """All findings about a return, those of its reading first; unit and path are not set.

    ``category``, ``text`` and ``limit``: of the unit, as the roster has them. ``prior``: last
    year's figures by item number; without them, those that the template carried.
    """
    with localcontext(EXACT):
        case = Case(
            layout=layout,
            ret=ret,
            assessment=assess(layout.form, ret, category=category, prior=prior),
            absent=frozenset(i for i, place in enumerate(ret.places) if place is None),
        )
        void, against = unreported(case), contradicted(case)
        off, pending = imbalances(case, {*void, *against, *filled_elsewhere(case)})
        found = (
            *ret.findings,
            *blank_findings(case, void, against, pending),
            *total_findings(case, void),
            *rule_findings(case, [j for j in off if not j.instance.rule.trial]),
            *amount_findings(case),
            *text_findings(case, text, limit),
            *rule_findings(case, [j for j in off if j.instance.rule.trial]),
        )
    return explained(layout.form, ret, found)
