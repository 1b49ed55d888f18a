"""The section [prose] of a form file: what its texts are asked about."""

from collections.abc import Mapping, Sequence
from typing import Any

from xltools.forms.positions import Path as Where
from xltools.forms.resolve import Index, reading
from xltools.forms.source import Source
from xltools.model.form import (
    Fee,
    Mention,
    Prose,
    Table,
    TextPart,
)
from xltools.model.formula import FormulaError, Linear, parse
from xltools.model.text import meant

_LISTS = ("apart", "aside", "about", "other", "lead", "acts", "bound", "idle")
SETTINGS = ("figures", *_LISTS, "substance", "fee", "mentions", "none")


def prose(source: Source, index: Index, parts: Sequence[Table | TextPart]) -> Prose:
    """The section as declared, empty without one. Raises SpecError.

    ``figures`` and ``substance`` name texts or parts of them, ``fee`` is [text, word, ...], the
    other lists are of words; in [prose.mentions] words separated by | stand for one or more
    sums, any of which may be meant; those in [prose.none] say that the sum is 0.
    """
    body = source.data.get("prose", {})
    if not isinstance(body, dict):
        source.wrong("[prose] 下面写键和值", ("prose",))
    source.known(body, ("prose",), SETTINGS)
    mentions = _mentions(source, body.get("mentions", {}), index, "mentions")
    lists = {name: _words(source, body, name) for name in _LISTS}
    known = {word for mention in mentions for word in mention.words}
    for name in ("acts", "bound"):
        for number, word in enumerate(lists[name]):
            if word not in known:
                text = f"[prose.mentions] 里没有“{word}”这个词{meant(word, known)}"
                source.wrong(text, ("prose", name, number))
    return Prose(
        figures=_texts(source, body, "figures", parts),
        mentions=(*mentions, *_mentions(source, body.get("none", {}), index, "none")),
        substance=_texts(source, body, "substance", parts),
        fee=_fee(source, body, parts),
        **lists,
    )


def _fee(source: Source, body: Mapping[str, Any], parts: Sequence[Table | TextPart]) -> Fee | None:
    """What must be said of a fee, declared as [text, what it is called, other words for it]."""
    words = _words(source, body, "fee")
    if not words:
        return None
    if len(words) < 2:
        source.wrong("'fee' 写成 [文字代号, 费用名称, 别的叫法…]", ("prose", "fee"))
    text = _named(source, words[0], ("prose", "fee", 0), parts)[0]
    return Fee(text=text, called=words[1], also=words[2:])


def _words(source: Source, body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of words that are not empty."""
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(w, str) and w.strip() for w in value):
        source.wrong(f"'{name}' 是词的列表：[\"…\"]", ("prose", name))
    return tuple(word.strip() for word in value)


def _texts(
    source: Source, body: Mapping[str, Any], name: str, parts: Sequence[Table | TextPart]
) -> tuple[str, ...]:
    """The texts that a list of texts and parts names."""
    found: dict[str, None] = {}
    for number, word in enumerate(_words(source, body, name)):
        found.update(dict.fromkeys(_named(source, word, ("prose", name, number), parts)))
    return tuple(found)


def _named(
    source: Source, word: str, at: Where, parts: Sequence[Table | TextPart]
) -> tuple[str, ...]:
    for part in parts:
        if isinstance(part, TextPart):
            own = tuple(text.name for text in part.texts)
            if word == part.key:
                return own
            if word in own:
                return (word,)
    texts = [p for p in parts if isinstance(p, TextPart)]
    names = [*(p.key for p in texts), *(t.name for p in texts for t in p.texts)]
    source.wrong(f"没有代号叫 '{word}' 的文字{meant(word, names)}", at)


def _mentions(source: Source, body: object, index: Index, name: str) -> tuple[Mention, ...]:
    at: Where = ("prose", name)
    if not isinstance(body, dict):
        source.wrong(f'[prose.{name}] 下一行一条："词" = [算式, …]', at)
    found = []
    taken: set[str] = set()
    for key, sums in body.items():
        words = tuple(word.strip() for word in key.split("|"))
        if not all(word.strip("…") for word in words):
            source.wrong("词空着", (*at, key), key=True)
        for word in words:
            if word in taken:
                source.wrong(f"词 '{word}' 用了两次", (*at, key), key=True)
            taken.add(word)
        if not isinstance(sums, list) or not sums or not all(isinstance(s, str) for s in sums):
            source.wrong('等号后面是算式的列表：["…"]', (*at, key))
        readings = tuple(_sum(source, s, (*at, key, n), index) for n, s in enumerate(sums))
        found.append(Mention(words=words, readings=readings, none=name == "none"))
    return tuple(found)


def _sum(source: Source, text: str, at: Where, index: Index) -> Linear:
    try:
        return reading(index, parse(text))
    except FormulaError as error:
        source.wrong(error.message, at, offset=error.position)
