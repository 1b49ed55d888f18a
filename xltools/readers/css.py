"""Style sheets of web pages, as far as they decide what is seen of a text.

Of selectors, elements, classes and names are understood, and what stands within what; a rule with
another kind, or for another medium than the screen, says nothing here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.etree import _Element

PROPERTIES: Final = frozenset(
    (
        "background background-color background-image color display font font-size mso-hide"
        " mso-number-format opacity text-decoration text-decoration-line vertical-align visibility"
    ).split()
)
# A string that does not end goes on to the end of the text: no pattern looks at anything twice.
_STRING: Final = r""""(?:\\.|[^"\\])*+(?:"|\Z)|'(?:\\.|[^'\\])*+(?:'|\Z)"""
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_BRACE: Final = re.compile(rf"{_STRING}|[{{}}]", re.DOTALL)
_DECLARATION: Final = re.compile(rf"(?:{_STRING}|\([^()]*+\)|[^;\"'])++", re.DOTALL)
_BRACKETS: Final = re.compile(r"\([^()]*+\)")
_SCREEN: Final = re.compile(r"@media\s+(?:only\s+)?(?:all|screen)", re.IGNORECASE)
_COMPOUND: Final = re.compile(r"(\*|[\w-]++)?+((?:[.#][\w-]++)*+)")


def declarations(text: str) -> dict[str, str]:
    """The declarations of a ``style`` attribute or between braces, those of ``PROPERTIES``.

    Values are in small letters, but for number formats.
    """
    declared: dict[str, str] = {}
    weighty: set[str] = set()
    for declaration in _DECLARATION.findall(text):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        name = name.lower()
        if name not in PROPERTIES:
            continue
        important = value.lower().endswith("important")
        if important:
            value = value[: -len("important")].rstrip().removesuffix("!").rstrip()
            weighty.add(name)
        if important or name not in weighty:
            declared[name] = value if name == "mso-number-format" else value.lower()
    return declared


@dataclass(frozen=True, slots=True)
class _Compound:
    """One element of a selector; ``child``: right below the one before, not only within it."""

    tag: str
    classes: frozenset[str]
    name: str
    child: bool

    def meets(self, element: "_Element") -> bool:
        return (
            self.tag in ("", element.tag)
            and (not self.name or element.get("id") == self.name)
            and (not self.classes or self.classes <= set(element.get("class", "").split()))
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    """Declarations for the elements that a selector meets; ``weight``: which of two rules wins."""

    selector: Sequence[_Compound]
    declared: Mapping[str, str]
    weight: tuple[int, int, int, int]

    def meets(self, element: "_Element", last: int = -1) -> bool:
        """Whether the selector, as far as its compound ``last``, meets an element."""
        compound = self.selector[last]
        if not compound.meets(element):
            return False
        if -last == len(self.selector):
            return True
        above = element.getparent()
        while above is not None:
            if self.meets(above, last - 1):
                return True
            above = None if compound.child else above.getparent()
        return False


@dataclass(slots=True)
class StyleSheet:
    """The rules of a page, by what the element itself must have."""

    rules: dict[str, list[_Rule]] = field(default_factory=dict)
    count: int = 0
    nested: set[str] = field(default_factory=set)  # keys of rules that look at what is around

    @classmethod
    def of(cls, page: "_Element") -> "StyleSheet":
        """What the ``style`` elements of a page say."""
        sheet = cls()
        for element in page.iter("style"):
            medium = element.get("media", "screen").lower()
            if "screen" in medium or "all" in medium:
                sheet.add(element.text or "")
        return sheet

    def add(self, text: str) -> None:
        """Take the rules of one style sheet."""
        for selectors, declared in _blocks(_COMMENT.sub(" ", text)):
            alone = _BRACKETS.sub("()", selectors).split(",")
            for selector in filter(None, map(_selector, alone)):
                self.count += 1
                last = selector[-1]
                key = "." + min(last.classes) if last.classes else last.tag or "*"
                ids = sum(bool(c.name) for c in selector)
                classes = sum(len(c.classes) for c in selector)
                tags = sum(bool(c.tag) for c in selector)
                rule = _Rule(selector, declared, (ids, classes, tags, self.count))
                self.rules.setdefault(key, []).append(rule)
                if len(selector) > 1:
                    self.nested.add(key)

    def alone(self, element: "_Element") -> bool:
        """Whether all that is said of an element is said by itself: name, classes and style."""
        return not self.nested or self.nested.isdisjoint(_keys(element))

    def declared(self, element: "_Element") -> dict[str, str]:
        """What rules and the element's own ``style`` say of it."""
        declared: dict[str, str] = {}
        if self.rules:
            keys = _keys(element)
            rules = [r for k in keys for r in self.rules.get(k, ()) if r.meets(element)]
            for rule in sorted(rules, key=lambda r: r.weight):
                declared.update(rule.declared)
        inline = element.get("style")
        if inline:
            declared.update(declarations(inline))
        return declared


def _keys(element: "_Element") -> list[str]:
    """What the last compound of a selector that meets an element may be found by."""
    return ["*", str(element.tag), *("." + c for c in element.get("class", "").split())]


def _blocks(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Selectors and declarations of every rule for the screen."""
    shown = [True]  # by depth: whether what stands there is for the screen
    selectors, start = "", 0
    for brace in _BRACE.finditer(text):
        if brace[0] not in "{}":
            continue
        content, start = text[start : brace.start()], brace.end()
        if brace[0] == "}":
            declared = declarations(content) if selectors and shown[-1] else {}
            if declared:
                yield selectors, declared
            selectors = ""
            shown.pop()
            shown = shown or [True]
            continue
        before = content.rpartition(";")[2].strip()
        named = before.startswith("@")
        selectors = "" if named else before
        shown.append(shown[-1] and (not named or _SCREEN.fullmatch(before) is not None))


def _selector(text: str) -> tuple[_Compound, ...]:
    """A selector's compounds; none where something in it is not understood."""
    compounds: list[_Compound] = []
    child = False
    for step in text.replace(">", " > ").split():
        if step == ">" and compounds and not child:
            child = True
            continue
        matched = _COMPOUND.fullmatch(step)
        if not matched:
            return ()
        parts = re.findall(r"([.#])([\w-]+)", matched[2])
        compounds.append(
            _Compound(
                tag=(matched[1] or "").replace("*", "").lower(),
                classes=frozenset(name for sign, name in parts if sign == "."),
                name=next((name for sign, name in parts if sign == "#"), ""),
                child=child,
            )
        )
        child = False
    return () if child else tuple(compounds)
