"""无需报送: units that need not report."""

from collections.abc import Iterable
from dataclasses import replace

from xltools.decide.log import Ruling
from xltools.model.decisions import DecisionKind, DecisionStanding
from xltools.model.roster import Roster, UnitState
from xltools.model.summary import Document, Outcome


def excused(ruling: Ruling, documents: Iterable[Document]) -> Roster | None:
    """The roster of this run: a unit that need not report is 免报, unless it did."""
    roster, lines = ruling.roster, ruling.last(DecisionKind.EXCUSE)
    if roster is None:
        for one in lines:
            ruling.rule(one, DecisionStanding.UNUSED, "没有给出名录")
        return None
    sent = {d.unit: d.path for d in documents if d.outcome is not Outcome.IGNORED}
    free = set()
    for one in lines:
        unit = roster.find(one.unit)
        if unit is None or unit.state is not UnitState.REGISTERED:
            ruling.rule(one, DecisionStanding.UNUSED, "名录中不是应报的单位")
        elif one.unit in sent:
            ruling.fall(one, [f"已收到该单位的报表 {sent[one.unit]}"])
        else:
            ruling.rule(one, DecisionStanding.HOLDS, basis="未报")
            free.add(one.unit)
    units = tuple(replace(u, state=UnitState.EXEMPT) if u.name in free else u for u in roster)
    return replace(roster, units=units) if free else roster
