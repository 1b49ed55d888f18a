"""Style sheets of web pages, as far as they decide which text is seen.

Understood are selectors of elements, classes and ids, one within another (``a b``) or right below
it (``a > b``). A rule with any other selector, or for another medium than the screen, is passed
over.
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
# A string without an end goes on to the end of the text. All quantifiers are possessive, so that no
# text, however odd, takes more than one pass.
_STRING: Final = r""""(?:\\.|[^"\\])*+(?:"|\Z)|'(?:\\.|[^'\\])*+(?:'|\Z)"""
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_BRACE: Final = re.compile(rf"{_STRING}|[{{}}]", re.DOTALL)
_DECLARATION: Final = re.compile(rf"(?:{_STRING}|\([^()]*+\)|[^;\"'])++", re.DOTALL)
_BRACKETS: Final = re.compile(r"\([^()]*+\)")
_SCREEN: Final = re.compile(r"@media\s+(?:only\s+)?(?:all|screen)", re.IGNORECASE)
_COMPOUND: Final = re.compile(r"(\*|[\w-]++)?+((?:[.#][\w-]++)*+)")


def declarations(text: str) -> dict[str, str]:
    """The declarations in a ``style`` attribute or between the braces of a rule: values by
    property, for the properties in ``PROPERTIES``. ``!important`` ones win over others. Values are
    in small letters, except number formats.
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
    """One step of a selector: the element it asks for. ``child``: the element must stand right
    below the one of the step before, not only somewhere within it.
    """

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
    """The declarations for the elements that a selector matches. ``weight``: of two rules the
    heavier one wins (ids, classes, elements, place in the style sheets).
    """

    selector: Sequence[_Compound]
    declared: Mapping[str, str]
    weight: tuple[int, int, int, int]

    def meets(self, element: "_Element", last: int = -1) -> bool:
        """Whether the selector, from its beginning to its step ``last`` (counted from the end, -1),
        matches an element.
        """
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
    """The rules of a page. ``rules``: by what the last step of their selector asks for (``.class``,
    the name of an element, or ``*``); ``count``: how many there are; ``nested``: the keys of rules
    that also ask for elements around.
    """

    rules: dict[str, list[_Rule]] = field(default_factory=dict)
    count: int = 0
    nested: set[str] = field(default_factory=set)  # keys of rules that ask for elements around

    @classmethod
    def of(cls, page: "_Element") -> "StyleSheet":
        """The rules in the ``style`` elements of a page."""
        sheet = cls()
        for element in page.iter("style"):
            medium = element.get("media", "screen").lower()
            if "screen" in medium or "all" in medium:
                sheet.add(element.text or "")
        return sheet

    def add(self, text: str) -> None:
        """Add the rules of one style sheet."""
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
        """Whether the rules for an element depend on nothing but its own name, classes and style,
        so that their result may be kept for others like it.
        """
        return not self.nested or self.nested.isdisjoint(_keys(element))

    def declared(self, element: "_Element") -> dict[str, str]:
        """The declarations that hold for an element, by the rules and its own ``style``."""
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
    """The keys of ``StyleSheet.rules`` under which rules for an element may stand."""
    return ["*", str(element.tag), *("." + c for c in element.get("class", "").split())]


def _blocks(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The selectors, as written, and the declarations of every rule that is for the screen."""
    shown = [True]  # by depth of braces: whether rules there are for the screen
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
    """The steps of one selector; none where something in it is not understood."""
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
