"""Load a form: turn the text of a form file into a Form. The sections [prose] and [report] are read
here, the others in the modules beside this one. Any mistake in the file raises a FormError that
names the place.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from xltools.forms.overview import overview
from xltools.forms.parts import FormParts
from xltools.forms.resolve import Index, reading
from xltools.forms.rules import all_instances, rules, totals, with_least_sums
from xltools.model.errors import FormError, refusal
from xltools.model.form import (
    AnnexColumn,
    DraftSentence,
    Fee,
    Form,
    Mention,
    Prose,
    ReportForm,
    SentencePlace,
    Table,
    TextPart,
)
from xltools.model.formula import FormulaError, Linear, parse
from xltools.model.text import meant
from xltools.model.toml_source import KeyPath, Source
from xltools.model.wording import in_words

_LISTS = ("apart", "aside", "about", "other", "lead", "acts", "bound", "idle")
SETTINGS = ("figures", *_LISTS, "substance", "fee", "mentions", "none")


def prose(source: Source, index: Index, parts: Sequence[Table | TextPart]) -> Prose:
    """Read the section [prose]; an empty Prose if the file has none. ``parts``: those of the form.
    Raises FormError.

    ``figures`` and ``substance`` name texts, or parts to mean all their texts; ``fee`` is [text,
    name of the fee, other names ...]; the other lists contain words. In [prose.mentions] each entry
    has words separated by | and a list of one or more sums, any of which the words may refer to;
    the entries of [prose.none] have words which say that the sum is 0.
    """
    body = source.data.get("prose", {})
    if not isinstance(body, dict):
        source.wrong("[prose] 下面写键和值", ("prose",))
    source.refuse_unknown(body, ("prose",), SETTINGS)
    mentions = _mentions(source, body.get("mentions", {}), index, "mentions")
    lists = {name: _words(source, body, name) for name in _LISTS}
    mentioned = {word for mention in mentions for word in mention.words}
    for name in ("acts", "bound"):
        for number, word in enumerate(lists[name]):
            if word not in mentioned:
                text = f"[prose.mentions] 里没有“{word}”这个词{meant(word, mentioned)}"
                source.wrong(text, ("prose", name, number))
    return Prose(
        figures=_texts(source, body, "figures", parts),
        mentions=(*mentions, *_mentions(source, body.get("none", {}), index, "none")),
        substance=_texts(source, body, "substance", parts),
        fee=_fee(source, body, parts),
        **lists,
    )


def _fee(source: Source, body: Mapping[str, Any], parts: Sequence[Table | TextPart]) -> Fee | None:
    """Read the setting ``fee``, [text, name of the fee, other names ...]; None if it is not
    there.
    """
    words = _words(source, body, "fee")
    if not words:
        return None
    if len(words) < 2:
        source.wrong("'fee' 写成 [文字代号, 费用名称, 别的叫法…]", ("prose", "fee"))
    text = _named(source, words[0], ("prose", "fee", 0), parts)[0]
    return Fee(text=text, called=words[1], also=words[2:])


def _words(source: Source, body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Read a setting that is a list of words, none of which may be empty; an empty list if it is
    not there.
    """
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(w, str) and w.strip() for w in value):
        source.wrong(f"'{name}' 是词的列表：[\"…\"]", ("prose", name))
    return tuple(word.strip() for word in value)


def _texts(
    source: Source, body: Mapping[str, Any], name: str, parts: Sequence[Table | TextPart]
) -> tuple[str, ...]:
    """Read the setting ``name``, which lists texts and parts; returns the names of all texts
    meant.
    """
    named: dict[str, None] = {}
    for number, word in enumerate(_words(source, body, name)):
        named.update(dict.fromkeys(_named(source, word, ("prose", name, number), parts)))
    return tuple(named)


def _named(
    source: Source, word: str, at: KeyPath, parts: Sequence[Table | TextPart]
) -> tuple[str, ...]:
    """The names of the texts that ``word`` means: one text, or all texts of a part. Raises
    FormError at the path ``at`` if there is neither.
    """
    for part in parts:
        if isinstance(part, TextPart):
            texts_of_part = tuple(text.name for text in part.texts)
            if word == part.key:
                return texts_of_part
            if word in texts_of_part:
                return (word,)
    texts = [p for p in parts if isinstance(p, TextPart)]
    names = [*(p.key for p in texts), *(t.name for p in texts for t in p.texts)]
    source.wrong(f"没有代号叫 '{word}' 的文字{meant(word, names)}", at)


def _mentions(source: Source, body: object, index: Index, name: str) -> tuple[Mention, ...]:
    """Read the section [prose.mentions] or [prose.none], whichever ``name`` says."""
    at: KeyPath = ("prose", name)
    if not isinstance(body, dict):
        source.wrong(f'[prose.{name}] 下一行一条："词" = [算式, …]', at)
    mentions = []
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
        mentions.append(Mention(words=words, readings=readings, none=name == "none"))
    return tuple(mentions)


def _sum(source: Source, text: str, at: KeyPath, index: Index) -> Linear:
    """Parse a sum and resolve its names to items. Raises FormError; ``at`` is the path of the
    text.
    """
    try:
        return reading(index, parse(text))
    except FormulaError as error:
        source.wrong(error.message, at, offset=error.position)


_HOLE = re.compile(r"\{(?:(?P<what>change|shares) +)?(?P<sum>[^{}|]*)(?:\|(?P<unit>[^{}]*))?\}")


def report(source: Source, index: Index, parts: Sequence[Table | TextPart]) -> ReportForm:
    """Read the section [report]; an empty ReportForm if the file has none. Raises FormError.

    [report.drafts] has sentences by the name of their text. In a sentence, ``{sum}`` becomes a
    figure, ``{change sum | unit}`` its change from last year, and ``{shares item | unit}`` the
    parts of a total with their shares. ``annex`` lists [item, heading], the columns of the list of
    units.
    """
    body = source.data.get("report", {})
    if not isinstance(body, dict):
        source.wrong("[report] 下面写键和值", ("report",))
    source.refuse_unknown(body, ("report",), ("annex", "drafts"))
    drafts = body.get("drafts", {})
    if not isinstance(drafts, dict):
        source.wrong('[report.drafts] 下一行一条："文字代号" = "句子"', ("report", "drafts"))
    texts = {t.name for part in parts if isinstance(part, TextPart) for t in part.texts}
    sentences = []
    for name, sentence in drafts.items():
        at: KeyPath = ("report", "drafts", name)
        if name not in texts:
            source.wrong(f"没有代号叫 '{name}' 的文字{meant(name, texts)}", at, key=True)
        if not isinstance(sentence, str) or not sentence.strip():
            source.wrong("句子空着，或不是加引号的文字", at)
        sentences.append(
            DraftSentence(text=name, pieces=tuple(_pieces(source, sentence, at, index)))
        )
    return ReportForm(annex=tuple(_annex(source, body, index)), drafts=tuple(sentences))


def _pieces(
    source: Source, sentence: str, at: KeyPath, index: Index
) -> Iterator[str | SentencePlace]:
    """Split a sentence into pieces: the words, and the places in braces."""
    end = 0
    for hole in _HOLE.finditer(sentence):
        yield from _plain(source, sentence[end : hole.start()], at, end)
        yield _piece(source, hole, at, index)
        end = hole.end()
    yield from _plain(source, sentence[end:], at, end)


def _plain(source: Source, text: str, at: KeyPath, offset: int) -> Iterator[str]:
    """Yield the words between two places, if there are any. Raises FormError if they contain a
    single brace. ``offset``: the index of the words in the sentence.
    """
    stray = re.search(r"[{}]", text)
    if stray:
        source.wrong("花括号不成对", at, offset=offset + stray.start())
    if text:
        yield text


def _piece(source: Source, hole: re.Match[str], at: KeyPath, index: Index) -> SentencePlace:
    """Read a place in braces (``hole``). Raises FormError."""
    what, unit = hole["what"] or "figure", (hole["unit"] or "").strip()
    try:
        summed = reading(index, parse(hole["sum"]))
    except FormulaError as error:
        source.wrong(error.message, at, offset=hole.start("sum") + error.position)
    if what == "shares":
        only = summed.operands
        total = len(only) == 1 and only[0].sign == 1 and not summed.constant
        if not total or index.items[only[0].item].formula is None:
            source.wrong("'shares' 后面只能是一个合计", at, offset=hole.start("sum"))
    return SentencePlace(what=what, sum=summed, unit=unit)


def _annex(source: Source, body: Mapping[str, Any], index: Index) -> Iterator[AnnexColumn]:
    """Read the setting ``annex``, and yield its columns. Raises FormError."""
    names = body.get("annex", [])
    if not isinstance(names, list):
        source.wrong("'annex' 是列表，每一项写成 [数据项, 标题]", ("report", "annex"))
    numbers = {item.name: item.index for item in index.items}
    for place, pair in enumerate(names):
        at: KeyPath = ("report", "annex", place)
        if not isinstance(pair, list) or [type(x) for x in pair] != [str, str]:
            source.wrong("'annex' 的每一项写成 [数据项, 标题]", at)
        if pair[0] not in numbers:
            source.wrong(f"没有数据项 '{pair[0]}'{meant(pair[0], numbers)}", (*at, 0))
        yield AnnexColumn(item=numbers[pair[0]], heading=pair[1].strip())


__all__ = ["available", "load", "read"]


def available() -> tuple[str, ...]:
    """The names of the forms that come with xltools, in alphabetical order."""
    folder = files("xltools.forms")
    return tuple(sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".toml")))


def load(form: str | Path) -> Form:
    """Load a form by its name (``zfxxgk-2021``) or by the path of its TOML file. Raises FormError
    if the file is wrong or cannot be read.
    """
    name = str(form)
    if name in available():
        text = (files("xltools.forms") / f"{name}.toml").read_text("utf-8")
        return read(text, Path(f"{name}.toml"))
    path = Path(form)
    try:
        return read(path.read_bytes().decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise FormError(
            f"不是 UTF-8 编码的文本（第 {error.start} 字节起）；请用记事本另存为，编码选 UTF-8",
            path=path,
        ) from None
    except (OSError, ValueError) as error:  # ValueError: no file can have this name
        hint = f"；自带的表式有：{'、'.join(available())}。"
        problem = in_words(refusal(error)) if isinstance(error, OSError) else str(error)
        raise FormError(f"{problem}{hint}", path=path) from None


def read(text: str, path: Path) -> Form:
    """Make a form from the text of its TOML file. ``path``: the path to name in messages; no such
    file need exist. Raises FormError.
    """
    source = Source(text, path)
    parts = FormParts(source)
    items = totals(source, Index.of(parts.items, parts.parts), parts.formulas)
    index = Index.of(items, parts.parts)
    items = with_least_sums(source, index)
    declared = rules(source)
    head = parts.head
    return Form(
        name=f"{head['form']}-{head['edition']}",
        form=head["form"],
        edition=head["edition"],
        title=head["title"],
        short=head["short"],
        authority=head["authority"],
        years=parts.years,
        signers=parts.signers,
        called=parts.called,
        parts=parts.parts,
        items=items,
        rules=tuple(entry.rule for entry in declared),
        instances=tuple(all_instances(source, declared, index)),
        by_name={item.name: item.index for item in items},
        prose=prose(source, index, parts.parts),
        report=report(source, index, parts.parts),
        overview=overview(source, index),
        text=text,
        path=path,
    )
