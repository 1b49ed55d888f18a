"""Decisions of the coordinator, applied while an inbox is collected, and what came of each."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from xltools.balance import recomputed
from xltools.collect.combine import ConflictError, combined
from xltools.collect.readings import Reading
from xltools.collect.recognise import Recognised
from xltools.collect.rounds import shown
from xltools.collect.settle import DOUBTS, Candidate, content, settle
from xltools.decisions import (
    Decision,
    Decisions,
    Kind,
    Matter,
    Ruled,
    Standing,
    basis_of,
    cell_target,
    finding_target,
    text_of,
)
from xltools.decisions.basis import BLANK, changes, joined, same
from xltools.decisions.targets import file_named, same_cell
from xltools.findings import Finding, acceptable, finding
from xltools.layout import Layout
from xltools.numbers import Number, show, tidy
from xltools.returns import Return, Status
from xltools.roster import Roster, State, clean, key
from xltools.spec import Severity
from xltools.summary import Document, Mark, Outcome

Check = Callable[[Return], tuple[Finding, ...]]
Prior = Sequence[Number | None] | None

_WHOSE = ("I-03", "I-04", "I-09", "I-10", "I-11")
"""Findings that say that it is not clear whose return it is."""
_SEVERAL = ("D-02", "D-03")
_WRONG = ("V-", "C-")
"""Findings of single cells: what a corrected figure is no longer said to have."""


@dataclass(slots=True, kw_only=True)
class Ruling:
    """The decisions of one run, and what has come of them so far.

    ``findings``: what is to be said of the decisions themselves. ``matters``: what is open.
    """

    layout: Layout
    roster: Roster | None
    decisions: Decisions
    findings: list[Finding] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)
    _ruled: dict[Decision, Ruled] = field(default_factory=dict)
    _named: dict[str, Decision] = field(default_factory=dict)

    def named(self, reading: Reading) -> Reading:
        """A reading as it is to be recognised: under the name that a decision gives it."""
        ret = reading.ret
        assert ret is not None
        told = dict.fromkeys(
            clean(n) for n in (ret.identity.unit if ret.identity else "", ret.unit) if clean(n)
        )
        for one in self._last(Kind.MATCH):
            by_file = bool(file_named(one.target, [reading.name]))
            by_name = key(one.target) in map(key, told)
            others = [n for n in told if self.roster is not None and self.roster.find(n)]
            if not by_file and (not by_name or any(self._unit(n) != one.unit for n in others)):
                continue
            basis = {"表内名称": "、".join(told)} if by_file else {}
            changed = changes(basis_of(one.basis), basis) if basis else []
            if changed:
                self._fallen(one, changed, reading.name)
                continue
            self._rule(one, Standing.HOLDS, basis=text_of(basis))
            self._named[reading.name] = one
            identity = ret.identity and replace(ret.identity, unit=one.unit, code="")
            return replace(reading, ret=replace(ret, unit=one.unit, identity=identity))
        return reading

    def known(self, reading: Reading, found: Recognised) -> Recognised:
        """What was recognised, with the decision that led to it; what is refused is a matter."""
        one = self._named.get(reading.name)
        if one is not None and not found.ignored:
            told = finding("K-04", found=f"认定为“{one.unit}”", detail=one.why)
            kept = [f for f in found.findings if f.code not in (*_WHOSE, "I-07")]
            found = replace(found, findings=(*kept, told))
        if not found.name or not all(acceptable(f) for f in found.findings):
            for f in found.findings:
                if f.code in _WHOSE:
                    told = replace(f, unit=found.name, path=reading.name)
                    target = f.found if f.code in ("I-04", "I-11") else reading.name
                    self.matters.append(
                        Matter(kinds=(Kind.MATCH,), unit="", target=target, basis="", finding=told)
                    )
        return found

    def settled(
        self,
        unit: str,
        candidates: Sequence[Candidate],
        accept: frozenset[str],
        check: Check,
        prior: Prior = None,
    ) -> list[Candidate]:
        """As ``settle``, with what was decided on the unit; ``check`` gives the findings of a
        return that is not as it was sent.
        """
        books = [c for c in candidates if not c.ret.document] or list(candidates)
        digests = {c.reading.name: digest(self.layout, c.ret) for c in books}
        aside = self._picked(unit, books, digests, check)
        parts = [n for n, c in aside.items() if c.part]
        apart = {n for n, c in aside.items() if c.part or c.outcome is not Outcome.MERGED}
        remaining = [
            aside.get(c.reading.name, c)
            for c in map(self._sure, candidates)
            if c.reading.name not in apart
        ]

        def finish(one: Candidate) -> Candidate:
            if any(f.code in _SEVERAL for f in one.findings):
                self._undecided(one, digests)
            elif one.outcome is Outcome.MERGED:
                return self._accepted(self._corrected(one, check), prior)
            return one

        settled = {c.reading.name: c for c in settle(self.layout.form, remaining, accept, finish)}
        for name, one in settled.items():
            # What came to it since: of the documents sent along, or of a doubt.
            several = any(f.code in _SEVERAL for f in one.findings)
            if one.outcome in (Outcome.MERGED, Outcome.REJECTED) and not several:
                settled[name] = self._accepted(one, prior)
        done = aside | settled
        main = next((c for c in settled.values() if c.marks or c.reason), None)
        for name in parts:  # they share what becomes of the whole
            outcome = main.outcome if main is not None else Outcome.REJECTED
            done[name] = replace(done[name], outcome=outcome)
        return [done[one.reading.name] for one in candidates]

    def _sure(self, one: Candidate) -> Candidate:
        """A return without the doubts that the coordinator has accepted."""
        kept = list(one.findings)
        for line in self._last(Kind.ACCEPT, one.unit):
            for n, f in enumerate(kept):
                if f.code == line.code and f.code in DOUBTS:
                    basis = self._basis(f, one.ret, None)
                    if changes(basis_of(line.basis), basis) == []:
                        kept[n] = replace(f, decision=line.why)
        return replace(one, findings=tuple(kept))

    def _picked(
        self,
        unit: str,
        candidates: Sequence[Candidate],
        digests: Mapping[str, str],
        check: Check,
    ) -> dict[str, Candidate]:
        """By a decision on several returns: the one that counts, and those that it sets aside.

        Empty where there is none that holds.
        """
        for one in self._last(Kind.CHOOSE, unit):
            hits = [file_named(name, digests) for name in one.files]
            lacking = [n for n, h in zip(one.files, hits, strict=True) if len(h) != 1]
            if lacking:
                self._failed(one, f"没有收到唯一的“{lacking[0]}”")
                continue
            made_on = basis_of(one.basis)
            news = [n for n, d in digests.items() if made_on and d not in made_on.values()]
            gone = [n for n, d in made_on.items() if d not in digests.values()]
            if news or gone:
                said = [f"又收到 {n}" for n in news] + [f"{n} 已不在或内容已变" for n in gone]
                self._fallen(one, said)
                continue
            names = [h[0] for h in hits]
            by_name = {c.reading.name: c for c in candidates}
            main = by_name[names[0]]
            marks: dict[int, Mark] = {}
            told: tuple[Finding, ...] = ()
            if one.kind is Kind.COMBINE:
                try:
                    ret, notes = combined(self.layout, {n: by_name[n].ret for n in names})
                except ConflictError as error:
                    self._failed(one, str(error))
                    continue
                marks = {item: Mark(note=note, corrected=False) for item, note in notes.items()}
                told = (finding("K-04", found=f"与 {'、'.join(names[1:])} 拼合", detail=one.why),)
                main = replace(main, reading=replace(main.reading, ret=ret), marks=marks)
                main = replace(
                    main,
                    findings=(*main.known, *check(ret), *told),
                    reason=f"按决定与 {'、'.join(names[1:])} 拼合",
                )
            else:
                told = (finding("K-04", found="以这一份为准", detail=one.why),)
                main = replace(main, findings=(*main.findings, *told))
            self._rule(one, Standing.HOLDS, basis=text_of(digests))
            aside = {main.reading.name: main}
            for c in candidates:
                name = c.reading.name
                if name == main.reading.name:
                    continue
                part = one.kind is Kind.COMBINE and name in names
                same_content = one.kind is Kind.CHOOSE and digests[name] == digests[names[0]]
                code = "D-04" if same_content else "K-04"
                words = f"与 {names[0]} 拼合" if part else f"以 {'、'.join(names)} 为准"
                said_of = finding(code, found=names[0] if same_content else words, detail=one.why)
                aside[name] = replace(
                    c,
                    findings=(said_of,),
                    outcome=Outcome.MERGED if part else Outcome.SUPERSEDED,
                    reason=f"按决定{words}" if part else "",
                    part=part,
                )
            return aside
        return {}

    def _corrected(self, one: Candidate, check: Check) -> Candidate:
        """A return with its figures as decided, and checked again if there are any."""
        ret, marks, told = one.ret, dict(one.marks), list[Finding]()
        numbers, statuses = list(ret.numbers), list(ret.statuses)
        found, findings = dict(ret.found), list(ret.findings)
        for line in self._last(Kind.CORRECT, one.unit):
            item, was = line.item, shown(ret, line.item)
            assert line.number is not None, "a correction that was read has a number"
            new, place = show(line.number), ret.places[item]
            cell = str(place or self.layout.address(item))
            if same(was, new):
                self._rule(line, Standing.UNUSED, "报来的已是这个数", was)
                continue
            if line.basis and not same(line.basis, was):
                self._fallen(line, [f"{cell} 原为 {line.basis}，现为 {was}"], one.reading.name)
                continue
            if self.layout.form.items[item].formula is not None and item not in ret.typed:
                self._failed(line, f"{cell} 是由各项相加得出的合计，请更正各项")
                continue
            self._rule(line, Standing.HOLDS, basis=was)
            numbers[item], statuses[item] = line.number, Status.GIVEN
            found.pop(item, None)
            findings = [f for x in findings for f in _without(x, self._name(item))]
            note = f"{cell} 报送 {was}，按决定更正为 {new}。原因：{line.reason}"
            note += "".join(f"；{x}" for x in (line.by, line.date) if x)
            marks[item] = Mark(note=note, corrected=True)
            told.append(
                finding(
                    "K-02",
                    sheet=place.sheet if place else "",
                    cells=(place.a1,) if place else (),
                    items=(self._name(item),),
                    labels=self.layout.form.items[item].path,
                    found=was,
                    expected=new,
                    detail=line.why,
                )
            )
        if not told:
            return one
        ret = replace(
            ret, numbers=numbers, statuses=statuses, found=found, findings=tuple(findings)
        )
        ret = _carried(self.layout, one.ret, ret)
        kept = [f for f in one.findings if f.code == "K-04" and f not in one.known]
        changed = "、".join(f"{f.sheet}!{f.cells[0]} {f.found}→{f.expected}" if f.cells
                           else f"{f.labels} {f.found}→{f.expected}" for f in told)  # fmt: skip
        reason = f"按决定更正 {len(told)} 处：{changed}"
        return replace(
            one,
            reading=replace(one.reading, ret=ret),
            findings=(*one.known, *check(ret), *kept, *told),
            marks=marks,
            reason="；".join(x for x in (one.reason, reason) if x),
        )

    def _accepted(self, one: Candidate, prior: Prior) -> Candidate:
        """A return with those of its findings settled that were accepted; the rest are matters."""
        said: dict[int, str] = {}
        bases = [
            {} if f.severity is Severity.NOTE else self._basis(f, one.ret, prior)
            for f in one.findings
        ]
        for line in self._last(Kind.ACCEPT, one.unit):
            made_on, held, fallen = basis_of(line.basis), list[int](), list[str]()
            apart = False
            for n, f in enumerate(one.findings):
                if f.code != line.code or f.severity is Severity.NOTE or not self._at(f, line.cell):
                    continue
                if not acceptable(f):
                    self._failed(line, f"{f.code} 这类问题不能认可")
                    continue
                changed = changes(made_on, bases[n])
                if changed is None:
                    apart = True  # another finding of this code, of which nothing was decided
                elif changed:
                    fallen += changed
                else:
                    held.append(n)
                    said[n] = line.why
            if fallen:
                self._fallen(line, fallen, one.reading.name)
            elif held:
                basis = text_of(joined(bases[n] for n in held))
                self._rule(line, Standing.HOLDS, basis=basis)
            elif apart:
                self._fallen(line, ["“原值”与现在的数对不上"], one.reading.name)
        findings = tuple(
            replace(f, decision=said[n]) if n in said else f for n, f in enumerate(one.findings)
        )
        for f, rests_on in zip(findings, bases, strict=True):
            self._matter(one, f, rests_on)
        return replace(one, findings=findings)

    def _matter(self, one: Candidate, f: Finding, basis: Mapping[str, str]) -> None:
        """What may be decided on an open finding."""
        form = self.layout.form
        kinds = [Kind.ACCEPT] if acceptable(f) else []
        if any(form.items[form.by_name[i]].formula is None for i in f.items if i in form.by_name):
            kinds.append(Kind.CORRECT)
        if f.code in _WHOSE:
            kinds.append(Kind.MATCH)
        if f.open and kinds and f.code not in _SEVERAL:
            told = replace(f, unit=one.unit, path=f.path or one.reading.name)
            at = next((form.by_name[i] for i in f.items if i in form.by_name), None)
            place = cell_target(self.layout.address(at)) if at is not None else ""
            target = f"{f.code} {place}" if place else finding_target(f)
            matter = Matter(
                kinds=tuple(kinds),
                unit=one.unit,
                target=target,
                basis=text_of(basis),
                finding=told,
            )
            if matter not in self.matters:
                self.matters.append(matter)

    def _undecided(self, one: Candidate, digests: Mapping[str, str]) -> None:
        """That several returns exclude each other, once for the unit."""
        code = one.findings[0].code
        if any(m.unit == one.unit and m.finding and m.finding.code == code for m in self.matters):
            return
        kinds = (Kind.CHOOSE, Kind.COMBINE) if code == "D-03" else (Kind.CHOOSE,)
        told = replace(one.findings[0], unit=one.unit, path=one.reading.name)
        self.matters.append(
            Matter(
                kinds=kinds,
                unit=one.unit,
                target="＋".join(digests),
                basis=text_of(digests),
                finding=told,
            )
        )

    def excused(self, documents: Iterable[Document]) -> Roster | None:
        """The roster of this run: a unit that need not report is 免报, unless it did."""
        if self.roster is None:
            for one in self._last(Kind.EXCUSE):
                self._rule(one, Standing.UNUSED, "没有给出名录")
            return None
        sent = {d.unit: d.path for d in documents if d.outcome is not Outcome.IGNORED}
        free = set()
        for one in self._last(Kind.EXCUSE):
            unit = self.roster.find(one.unit)
            if unit is None or unit.state is not State.REGISTERED:
                self._rule(one, Standing.UNUSED, "名录中不是应报的单位")
            elif one.unit in sent:
                self._fallen(one, [f"已收到该单位的报表 {sent[one.unit]}"])
            else:
                self._rule(one, Standing.HOLDS, basis="未报")
                free.add(one.unit)
        units = tuple(replace(u, state=State.EXEMPT) if u.name in free else u for u in self.roster)
        return replace(self.roster, units=units) if free else self.roster

    def ruled(self, documents: Iterable[Document]) -> tuple[Ruled, ...]:
        """Every decision, in the order of the file, and how it stands."""
        seen = {d.unit for d in documents if d.outcome is not Outcome.IGNORED}
        last = {d.matter: d for d in self.decisions.all}
        made = []
        for one in self.decisions.all:
            why = "没有这个问题，或者已经改正"
            if one.kind is Kind.MATCH:
                why = "没有收到用这个名称的报表"
            elif one.unit not in seen:
                why = "没有收到该单位的报表"
            elif one.kind is not Kind.ACCEPT:
                why = "该单位没有计入的报表"
            if last[one.matter] is not one:
                why = "后来另有决定"
            made.append(
                self._ruled.get(one, Ruled(decision=one, standing=Standing.UNUSED, remark=why))
            )
        return tuple(made)

    def missing(self, units: Iterable[str]) -> None:
        """Take the units that have sent nothing as matters."""
        for name in units:
            self.matters.append(Matter(kinds=(Kind.EXCUSE,), unit=name, target="", basis="未报"))

    def _last(self, kind: Kind, unit: str = "") -> list[Decision]:
        """The decisions of a kind, of one unit or of all; on one matter the last."""
        last = {d.matter: d for d in self.decisions.all}
        both = (kind, Kind.COMBINE) if kind is Kind.CHOOSE else (kind,)
        return [d for d in last.values() if d.kind in both and unit in ("", d.unit)]

    def _unit(self, name: str) -> str:
        unit = self.roster.find(name) if self.roster is not None else None
        return unit.name if unit is not None else name

    def _name(self, item: int) -> str:
        return self.layout.form.items[item].name

    def _at(self, f: Finding, cell: str) -> bool:
        """Whether a finding is at a cell: of its file, or of the template."""
        if not cell:
            return True
        form = self.layout.form
        items = [form.by_name[i] for i in f.items[:1] if i in form.by_name]
        places = [f"{f.sheet}!{c}" for c in f.cells[:1]]
        places += [cell_target(self.layout.address(i)) for i in items]
        return any(same_cell(cell, place) for place in places)

    def _basis(self, f: Finding, ret: Return, prior: Prior) -> dict[str, str]:
        """What a finding rests on: the figures of its cells, and of last year where a rule looks
        at them; else what it says itself.
        """
        form = self.layout.form
        items = [form.by_name[i] for i in f.items if i in form.by_name]
        if not items:
            said = {f.detail or "报送": f.found or BLANK}
            return said | ({f"{f.detail}应为": f.expected} if f.expected else {})
        totals = recomputed(form, ret)  # what a program has stored of them says nothing
        made = {}
        for i in items:
            total = totals[i] if form.items[i].formula is not None and i not in ret.typed else None
            words = shown(ret, i) if total is None else show(total)
            made[cell_target(self.layout.address(i))] = words
        for rule in form.instances:
            if rule.rule.code == f.code and rule.anchor in items:
                for p in rule.priors:
                    number = prior[p] if prior is not None else ret.priors.get(p)
                    place = f"上年{cell_target(self.layout.address(p))}"
                    made[place] = BLANK if number is None else show(number)
        return made

    def _rule(self, one: Decision, standing: Standing, remark: str = "", basis: str = "") -> None:
        self._ruled[one] = Ruled(decision=one, standing=standing, remark=remark, basis=basis)

    def _fallen(self, one: Decision, said: Sequence[str], path: str = "") -> None:
        more = f"等 {len(said)} 处" if len(said) > 3 else ""
        remark = "；".join(said[:3]) + more
        self._rule(one, Standing.FALLEN, remark)
        self._say("K-01", one, remark, path)

    def _failed(self, one: Decision, remark: str) -> None:
        self._rule(one, Standing.FAILED, remark)
        self._say("K-03", one, remark, "")

    def _say(self, code: str, one: Decision, remark: str, path: str) -> None:
        what = " ".join(x for x in (one.kind.value, one.target) if x)
        told = finding(code, unit=one.unit, path=path, found=remark, expected=what)
        if told not in self.findings:
            self.findings.append(told)


def digest(layout: Layout, ret: Return) -> str:
    """What makes two returns the same, as a few letters: equal for equal content only."""
    parts = [sorted(p) if isinstance(p, frozenset) else p for p in content(layout.form, ret)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _carried(layout: Layout, before: Return, ret: Return) -> Return:
    """A corrected return, the stored results of its totals moved by what was corrected.

    So a total that was right stays right, and one that was off is off by the same.
    """
    form, numbers, statuses = layout.form, list(ret.numbers), list(ret.statuses)
    old, new = recomputed(form, before), recomputed(form, ret)
    for item in form.items:
        at = item.index
        number, was, now = numbers[at], old[at], new[at]
        if item.formula is None or at in ret.typed or number is None or was == now:
            continue
        if was is None or now is None:
            numbers[at], statuses[at] = None, Status.BLANK
        else:
            moved = Decimal(number) + Decimal(now) - Decimal(was)
            numbers[at] = tidy(moved)
    return replace(ret, numbers=numbers, statuses=statuses)


def _without(one: Finding, item: str) -> tuple[Finding, ...]:
    """A finding of single cells without one of them; nothing if it was the only one."""
    if not one.code.startswith(_WRONG) or item not in one.items:
        return (one,)
    at = one.items.index(item)
    items = one.items[:at] + one.items[at + 1 :]
    cells = one.cells
    if len(cells) == len(one.items):
        cells = cells[:at] + cells[at + 1 :]
    return (replace(one, items=items, cells=cells),) if items else ()
