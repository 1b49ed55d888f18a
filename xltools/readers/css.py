"""Style sheets of web pages, as far as they decide which text is visible.

Supported are selectors by element, class and id, nested (``a b``) or directly nested (``a > b``). A
rule with any other selector, or for a medium other than the screen, is ignored.
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
# An unclosed string extends to the end of the text. All quantifiers are possessive, so that no
# text, however odd, takes more than one pass.
_STRING: Final = r""""(?:\\.|[^"\\])*+(?:"|\Z)|'(?:\\.|[^'\\])*+(?:'|\Z)"""
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_BRACE: Final = re.compile(rf"{_STRING}|[{{}}]", re.DOTALL)
_DECLARATION: Final = re.compile(rf"(?:{_STRING}|\([^()]*+\)|[^;\"'])++", re.DOTALL)
_BRACKETS: Final = re.compile(r"\([^()]*+\)")
_SCREEN: Final = re.compile(r"@media\s+(?:only\s+)?(?:all|screen)", re.IGNORECASE)
_COMPOUND: Final = re.compile(r"(\*|[\w-]++)?+((?:[.#][\w-]++)*+)")


def declarations(text: str) -> dict[str, str]:
    """Parse the declarations in a ``style`` attribute or between the braces of a rule. Returns
    values by property, for the properties in ``PROPERTIES`` only. Declarations marked
    ``!important`` win over others. Values are in lower case, except number formats.
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
    """One step of a selector: the element that it matches. ``tag``, ``classes`` and ``name`` (its
    id) are empty where any will do. ``child``: the element must be a direct child of the one of the
    step before, not just somewhere within it.
    """

    tag: str
    classes: frozenset[str]
    name: str
    child: bool

    def meets(self, element: "_Element") -> bool:
        """Whether this step, taken alone, matches an element."""
        return (
            self.tag in ("", element.tag)
            and (not self.name or element.get("id") == self.name)
            and (not self.classes or self.classes <= set(element.get("class", "").split()))
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    """The declarations for the elements that a selector matches. ``weight``: the numbers of ids,
    classes and elements in the selector, and the rule's place in the style sheets; of two rules the
    one with the larger weight wins.
    """

    selector: Sequence[_Compound]
    declared: Mapping[str, str]
    weight: tuple[int, int, int, int]

    def meets(self, element: "_Element", last: int = -1) -> bool:
        """Whether the selector matches an element. With ``last``, only its steps from the first to
        that one are used; it is a negative index, -1 for the last step.
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
    """The rules of a page, grouped by a key that the last step of their selector requires:
    ``.class``, the name of an element, or ``*``. ``count``: the number of rules; ``nested``: the
    keys of rules that also depend on outer elements.
    """

    rules: dict[str, list[_Rule]] = field(default_factory=dict)
    count: int = 0
    nested: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, page: "_Element") -> "StyleSheet":
        """Collect the rules in the ``style`` elements of a page."""
        sheet = cls()
        for element in page.iter("style"):
            medium = element.get("media", "screen").lower()
            if "screen" in medium or "all" in medium:
                sheet.add(element.text or "")
        return sheet

    def add(self, text: str) -> None:
        """Add the rules of one style sheet, given as its text."""
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
        """Whether the declarations for an element depend only on its own name, id, classes and
        style, so that they also hold for other elements with the same ones.
        """
        return not self.nested or self.nested.isdisjoint(_keys(element))

    def declared(self, element: "_Element") -> dict[str, str]:
        """Return the declarations that apply to an element, from the rules and from its own
        ``style`` attribute: values by property.
        """
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
    """The keys of ``StyleSheet.rules`` under which rules for an element may be found."""
    return ["*", str(element.tag), *("." + c for c in element.get("class", "").split())]


def _blocks(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each rule for the screen that declares something: its selectors, as written, and its
    declarations.
    """
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
    """Parse one selector into its steps, from the outermost element to the innermost; empty if any
    part of it is not supported.
    """
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
