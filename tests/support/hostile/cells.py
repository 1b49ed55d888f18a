"""Hostile cells: indexes out of range, odd types, injections, Unicode, formulas, names."""

from collections.abc import Iterator

from support.hostile.bombs import HEAD, TAIL, swollen
from support.hostile.case import Case
from support.hostile.ooxml import (
    DECLARED,
    FIRST,
    MAIN,
    OFFICE,
    ONE,
    RELS,
    STRICT_MAIN,
    STRICT_OFFICE,
    calculated,
    fixed,
    inline,
    number,
    relationship,
    row,
    shared,
    sheet,
    texts,
    xlsx,
)
from support.hostile.zips import packed

NUMBERS = ("1e308", "1e400", "-1e400", "NaN", "INF", "-0", "0x10", "１２３", "1,234.50", "1 234",
           "٣", "", " 5 ", "9" * 5000, "1_000", "--1")  # fmt: skip
DATES = ("-1", "0", "60", "2958465", "2958466", "1e15", "1e308", "NaN", "0.99999999999", "-700000")
TYPES = (("d", "2026-13-45"), ("d", "9999999-01-01T00:00:00"), ("b", "maybe"), ("e", "#FOO!"),
         ("zzz", "1"), ("", "1"), ("n", "text"), ("str", "x" * 100_000), ("d", ""))  # fmt: skip
TEXTS = ("００１２３", "１，２３４．５０", "12,345", "壹佰贰拾", "123 ", "\u00a0123", "123元",
         "－５", "1.2.3", "'007", "5%", "（5）", "0.1+0.2", "3/4", "1-2",
         "２０２６年３月")  # fmt: skip
INJECTIONS = (
    "=cmd|'/C calc'!A0", '=HYPERLINK("http://127.0.0.1/?"&A1,"点我")', "+1+cmd|x", "-2+3",
    "@SUM(1)", "\t=1+1", "\r=1+1", '=DDE("cmd";"/C calc";"x")', "＝1+1",
    '=IMPORTXML(CONCAT("http://127.0.0.1/",A1),"//a")', '"=1+1', ";=1+1", "\ufeff=1+1",
    '=1+1" x="', "]]>", "<script>alert(1)</script>", "{{7*7}}", "%s%n", "${jndi:x}",
    "../../etc/passwd", "CON", "nul.txt", "a_x0000_b",
)  # fmt: skip
UNICODE = (
    "甲\u202e乙\u202c", "\u2066a\u2069", "a\u200bb\u200d", "\ufeffx", "㈱", "é", "e\u0301",
    "\U0001f468\u200d\U0001f469", "𠮷田", "\ue000", "\ufffd", "_x000D__x000A_", "_x0041_",
    "_x005F_x0041_", "_xD83D_", "\x7f\x85\u2028", "Ａ局", "A局", "а局", "　空格　", "x" * 32_768,
    "长" * 1_000_000, "z" + "\u0335" * 5001,
)  # fmt: skip
NAMES = ("O'Brien \"q\"", "汇总", "汇总", "", "x" * 300, "../../etc", "a/b\\c:d*e?f[g]", "=1+1",
         "\u202eabc", "'", "_xlnm.Print_Area", "CON")  # fmt: skip


def cases() -> Iterator[Case]:
    yield from _sizes()
    yield from _indexes()
    yield from _values()
    yield from _texts()
    yield from _formulas()
    yield from _books()


def _sizes() -> Iterator[Case]:
    for cols in (16, 100):
        rows = ("<row>" + '<c s="1"/>' * cols + "</row>") * 4096
        yield Case(
            name=f"styled_1m_x_{cols}.xlsx",
            what=f"1 048 576 rows of {cols} empty styled cells",
            data=swollen(FIRST, HEAD, rows, TAIL, len(rows) * 256),
        )
    rows = ("<row>" + '<c t="inlineStr"><is><t>x</t></is></c>' * 50 + "</row>") * 2048
    yield Case(
        name="full_1m_x_50.xlsx",
        what="1 048 576 rows of 50 texts of one letter",
        data=swollen(FIRST, HEAD, rows, TAIL, len(rows) * 512),
    )


def _indexes() -> Iterator[Case]:
    for n, index in enumerate(("5", "-1", "4294967296", "99999999999999999999", "1.5", "x", "")):
        yield Case(
            name=f"string_index_{n}.xlsx",
            what=f"shared string {index!r}",
            data=xlsx(sheet(row(1, shared(index=index))), shared=texts("only")),
        )
    yield Case(
        name="strings_missing.xlsx",
        what="a cell of shared text, no part of them",
        data=xlsx(sheet(row(1, shared()))),
    )
    for n, style in enumerate(("999999", "-1", "x", "")):
        one = sheet(row(1, f'<c r="A1" s="{style}"><v>1</v></c>'))
        yield Case(name=f"style_index_{n}.xlsx", what=f"style {style!r}", data=xlsx(one))


def _values() -> Iterator[Case]:
    for n, value in enumerate(NUMBERS):
        one = sheet(row(1, number("A1", value), number("B1", 7)))
        yield Case(name=f"number_{n}.xlsx", what=f"the number {value[:20]}", data=xlsx(one))
    styles = (
        f'{DECLARED}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="200" '
        'formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="46"/><xf numFmtId="200"/></cellXfs></styleSheet>'
    )
    for n, value in enumerate(DATES):
        told = (
            f'<c r="{c}1" s="{s}"><v>{value}</v></c>' for c, s in zip("ABC", "123", strict=True)
        )
        yield Case(
            name=f"date_{n}.xlsx",
            what=f"the date {value}",
            data=xlsx(sheet(row(1, *told)), styles=styles),
        )
    for n, (kind, value) in enumerate(TYPES):
        one = sheet(row(1, f'<c r="A1" t="{kind}"><v>{value}</v></c>', number("B1", 7)))
        yield Case(
            name=f"type_{n}.xlsx", what=f"type {kind!r}, value {value[:20]!r}", data=xlsx(one)
        )


def _texts() -> Iterator[Case]:
    yield Case(
        name="inline.xlsx",
        what="texts in the cells, none shared",
        data=xlsx(sheet(row(1, inline("A1", "单位名称"), inline("B1", "１２３")))),
        honest=True,
    )
    rich = (
        "<si><r><t>单位</t></r><r><rPr><b/></rPr><t>名称</t></r>"
        '<rPh sb="0" eb="1"><t>danwei</t></rPh></si>'
    )
    yield Case(
        name="rich.xlsx",
        what="text with formats and phonetics",
        data=xlsx(sheet(row(1, shared())), shared=texts(raw=rich)),
        honest=True,
    )
    for name, what, listed in (
        ("numbers_as_text", "numbers as text, full width, signs; common", TEXTS),
        ("unicode", "bidi marks, no width, look-alikes, escapes, a million characters", UNICODE),
    ):
        rows = "".join(row(n, inline(f"A{n}", text)) for n, text in enumerate(listed, 1))
        yield Case(name=f"{name}.xlsx", what=what, data=xlsx(sheet(rows)), honest=listed is TEXTS)
    rows = row(1, inline("A1", "单位"), inline("B1", "数")) + "".join(
        row(n, inline(f"A{n}", text), number(f"B{n}", n)) for n, text in enumerate(INJECTIONS, 2)
    )
    yield Case(
        name="injections.xlsx",
        what="formulas as text where the names of units are",
        data=xlsx(sheet(rows)),
        honest=True,
    )


def _formulas() -> Iterator[Case]:
    for name, what, told in (
        ("circular", "circular formulas without results",
         (calculated("A1", "B1"), calculated("B1", "A1"))),
        ("uncached", "a formula without a result beside one with it",
         (calculated("A1", "SUM(B1:Z1)"), calculated("B1", "1+1", "2"))),
        ("dde", "DDE and WEBSERVICE formulas",
         (calculated("A1", "cmd|' /C calc'!A0", "0"),
          calculated("B1", 'WEBSERVICE("http://127.0.0.1/")', "0"))),
        ("shared_formula", "a shared formula over the grid, one without its master",
         ('<c r="A1"><f t="shared" si="99999" ref="A1:XFD1048576">B1</f><v>1</v></c>',
          '<c r="B1"><f t="shared" si="4294967295"/><v>1</v></c>')),
        ("formula_deep", "a formula nested 50 000 deep",
         (calculated("A1", "(" * 50_000 + "1" + ")" * 50_000, "1"),)),
    ):  # fmt: skip
        yield Case(
            name=f"{name}.xlsx",
            what=what,
            data=xlsx(sheet(row(1, *told))),
            honest=name == "uncached",
        )
    link = (
        f'<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}"><externalBook r:id="rId1"><sheetNames>'
        '<sheetName val="S"/></sheetNames></externalBook></externalLink>'
    )
    target = relationship("rId1", f"{OFFICE}/externalLinkPath", "file://///127.0.0.1/share/x.xlsx",
                          ' TargetMode="External"')  # fmt: skip
    yield Case(
        name="external_link.xlsx",
        what="a link to another workbook, over the network",
        data=xlsx(
            sheet(row(1, calculated("A1", "[1]S!A1", "5"))),
            extra={
                "xl/externalLinks/externalLink1.xml": link,
                "xl/externalLinks/_rels/externalLink1.xml.rels": f'<Relationships xmlns="{RELS}">'
                f"{target}</Relationships>",
            },
            rels=relationship("rIdE", f"{OFFICE}/externalLink", "externalLinks/externalLink1.xml"),
        ),
    )


def _books() -> Iterator[Case]:
    yield Case(
        name="sheet_names.xlsx",
        what="names of sheets: quotes, duplicates, empty, 300 characters, paths",
        data=xlsx(*[ONE] * len(NAMES), names=NAMES),
    )
    yield Case(name="sheets_10000.xlsx", what="10 000 sheets", data=xlsx(*[ONE] * 10_000))
    parts = fixed(2)
    hidden = str(parts["xl/workbook.xml"]).replace('sheetId="1"', 'sheetId="1" state="veryHidden"')
    parts |= {"xl/workbook.xml": hidden, FIRST: ONE, "xl/worksheets/sheet2.xml": ONE}
    yield Case(
        name="very_hidden.xlsx",
        what="the first sheet is very hidden",
        data=packed(parts),
        honest=True,
    )
    yield Case(name="good.xlsx", what="a good one", data=xlsx(ONE), honest=True)
    parts = fixed()
    names = "".join(
        f'<definedName name="n{n}" localSheetId="99">#REF!</definedName>' for n in range(200_000)
    )
    book = str(parts["xl/workbook.xml"])
    parts["xl/workbook.xml"] = book.replace(
        "</sheets>", f"</sheets><definedNames>{names}</definedNames>"
    )
    yield Case(
        name="names_200k.xlsx",
        what="200 000 defined names, all #REF!, of a sheet that is not there; seen in real files",
        data=packed({**parts, FIRST: ONE}),
    )
    dated = '<c r="A1" t="d"><v>2026-11-22</v></c>'
    strict = sheet(row(1, dated, inline("B1", "严格")), main=STRICT_MAIN)
    yield Case(
        name="strict.xlsx",
        what="strict OOXML",
        data=xlsx(strict.replace(OFFICE, STRICT_OFFICE), main=STRICT_MAIN, office=STRICT_OFFICE),
        honest=True,
    )
    many = "".join(
        f"<{name}>{one * count}</{name}>"
        for name, one, count in (
            ("fonts", "<font/>", 100_000),
            ("fills", "<fill/>", 100_000),
            ("cellXfs", '<xf numFmtId="0" fontId="99999999" fillId="-1"/>', 64_000),
            ("cellStyles", '<cellStyle name="x" xfId="0"/>', 60_000),
        )
    )
    styles = f'{DECLARED}<styleSheet xmlns="{MAIN}">{many}</styleSheet>'
    yield Case(
        name="styles_bloat.xlsx",
        what="64 000 formats of cells and 60 000 named styles; seen in real files",
        data=xlsx(ONE, styles=styles),
    )
