"""What people see of a cell beside its value: OpenDocument, and the XML of Excel 2003."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import xlsxwriter

from support.client import Office
from support.sheet_xml import data_of, packed, refused, xml2003
from xltools.model.cells import (
    Area,
    Cell,
    CellKind,
    Flag,
    Grid,
)
from xltools.readers.workbook import book_of, open_book

NAMES = {
    **{
        name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
        for name in ("office", "table", "text", "style")
    },
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "math": "http://www.w3.org/1998/Math/MathML",
}
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"

# How text may look: what a style says in OpenDocument, what is around the text in Excel's XML.
LOOKS: Mapping[str, tuple[str, str]] = {
    "raised": ('style:text-position="super 58%"', "<Sup>{}</Sup>"),
    "lowered": ('style:text-position="sub 58%"', "<Sub>{}</Sub>"),
    "struck": ('style:text-line-through-style="solid"', "<S>{}</S>"),
    "struck twice": ('style:text-line-through-type="double"', "<Font><S><B>{}</B></S></Font>"),
    "white": ('fo:color="#FFFFFF"', '<Font html:Color="#FFFFFF">{}</Font>'),
    "hidden": ('text:display="none"', '<Span html:Style="mso-hide:all">{}</Span>'),
    "tiny": ('fo:font-size="0pt"', '<Span html:Style="font-size:0">{}</Span>'),
    "red": ('fo:color="#ff0000" style:text-line-through-style="none"', "<Font>{}</Font>"),
}
# What a cell's style may say, in both.
STYLES: Mapping[str, tuple[str, str]] = {
    "raised": (LOOKS["raised"][0], '<Font ss:VerticalAlign="Superscript"/>'),
    "struck": (LOOKS["struck"][0], '<Font ss:StrikeThrough="1"/>'),
    "white": (LOOKS["white"][0], '<Font ss:Color="#FFFFFF"/>'),
    "white on white": (
        LOOKS["white"][0] + "|" + 'fo:background-color="#ffffff"',
        '<Font ss:Color="#FFFFFF"/><Interior ss:Color="#FFFFFF" ss:Pattern="Solid"/>',
    ),
    "white on blue": (
        LOOKS["white"][0] + "|" + 'fo:background-color="#0000ff"',
        '<Font ss:Color="#FFFFFF"/><Interior ss:Color="#0000FF" ss:Pattern="Solid"/>',
    ),
}


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A format that has such cells: ``text`` makes a cell of parts in some look (""  for none),
    ``number`` one of a number in a cell style, ``book`` a sheet of rows.
    """

    text: Callable[..., str]
    number: Callable[..., str]
    book: Callable[..., bytes]

    def cell(self, *cells: str) -> Cell:
        return self.grid(*cells).cell(0, 0)

    def grid(self, *cells: str) -> Grid:
        return book_of(self.book("".join(cells))).grid("甲")


def _text_styles() -> str:
    spans = "".join(
        f'<style:style style:name="T-{n}" style:family="text"><style:text-properties {said[0]}/>'
        "</style:style>"
        for n, said in LOOKS.items()
    )
    cells = ""
    for n, (said, _) in STYLES.items():
        letters, _, ground = said.partition("|")
        cells += (
            f'<style:style style:name="C-{n}" style:family="table-cell" '
            f'style:parent-style-name="Default"><style:table-cell-properties {ground}/>'
            f"<style:text-properties {letters}/></style:style>"
            f'<style:style style:name="D-{n}" style:family="table-cell" '
            f'style:parent-style-name="C-{n}"/>'
        )
    return spans + cells


def fods(
    rows: str, *, automatic: str = "", named: str = "", columns: str = "", root: str = "document"
) -> bytes:
    spaces = "".join(f' xmlns:{n}="{uri}"' for n, uri in NAMES.items())
    if rows.startswith("<table:table-cell"):
        rows = f"<table:table-row>{rows}</table:table-row>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:{root}{spaces} '
        f'office:mimetype="{MIMETYPE}"><office:styles>{named}</office:styles>'
        f"<office:automatic-styles>{_text_styles()}{automatic}</office:automatic-styles>"
        f'<office:body><office:spreadsheet><table:table table:name="甲">{columns}{rows}'
        f"</table:table></office:spreadsheet></office:body></office:{root}>"
    ).encode()


def ods(rows: str, *, named: str = "", objects: Mapping[str, str] | None = None) -> bytes:
    spaces = "".join(f' xmlns:{n}="{uri}"' for n, uri in NAMES.items())
    content = (
        fods(rows, root="document-content").decode().replace("<office:styles></office:styles>", "")
    )
    styles = f"<office:document-styles{spaces}><office:styles>{named}</office:styles>"
    return packed(
        {
            "mimetype": MIMETYPE,
            "content.xml": content,
            "styles.xml": f"{styles}</office:document-styles>",
            **(objects or {}),
        }
    )


def odf_text(*parts: tuple[str, str], more: str = "") -> str:
    spans = "".join(
        f'<text:span text:style-name="T-{look}">{text}</text:span>' if look else text
        for text, look in parts
    )
    return (
        f'<table:table-cell office:value-type="string"{more}><text:p>{spans}</text:p>'
        "</table:table-cell>"
    )


def odf_number(number: str, style: str, *, more: str = "", kind: str = "float") -> str:
    styled = f' table:style-name="{style}"' if style else ""
    return (
        f'<table:table-cell{styled}{more} office:value-type="{kind}" office:value="{number}">'
        f"<text:p>{number}</text:p></table:table-cell>"
    )


def xml_text(*parts: tuple[str, str]) -> str:
    inner = "".join(LOOKS[look][1].format(text) if look else text for text, look in parts)
    return (
        '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">'
        f"{inner}</ss:Data></Cell>"
    )


def xml_number(number: str, style: str) -> str:
    styled = f' ss:StyleID="{style}"' if style else ""
    return f"<Cell{styled}>{data_of('Number', number)}</Cell>"


def xml(cells: str, *, styles: str = "") -> bytes:
    made = "".join(
        f'<Style ss:ID="C-{n}">{said}</Style><Style ss:ID="D-{n}" ss:Parent="C-{n}"/>'
        for n, (_, said) in STYLES.items()
    )
    rows = cells if cells.startswith("<Row") else f"<Row>{cells}</Row>"
    given = f"<Styles>{made}{styles}</Styles><Worksheet"
    spaces = b' xmlns:html="http://www.w3.org/TR/REC-html40" xmlns:ss='
    data = xml2003(rows).replace(b"<Worksheet", given.encode(), 1)
    return data.replace(b" xmlns:ss=", spaces, 1)


FORMATS = {
    "ods": Writer(text=odf_text, number=odf_number, book=ods),
    "fods": Writer(text=odf_text, number=odf_number, book=fods),
    "xml": Writer(text=xml_text, number=xml_number, book=xml),
}
every_format = pytest.mark.parametrize("kind", FORMATS)


# Text that is no part of the figure


@every_format
@pytest.mark.parametrize("look", ["raised", "lowered"])
@pytest.mark.parametrize("before", [True, False])
def test_a_mark_is_cut_off(kind: str, look: str, before: bool) -> None:
    parts = [("1573179", ""), ("1", look)]
    cell = FORMATS[kind].cell(FORMATS[kind].text(*(reversed(parts) if before else parts)))
    assert (cell.raw, cell.flag) == ("1573179", Flag(mark="1"))


@every_format
@pytest.mark.parametrize("look", ["struck", "struck twice", "white", "hidden", "tiny"])
def test_what_nobody_sees_is_left_out(kind: str, look: str) -> None:
    writer = FORMATS[kind]
    cell = writer.cell(writer.text(("77", look), ("254", "")))
    assert (cell.raw, cell.flag) == ("254", Flag(unseen="77"))
    whole = writer.cell(writer.text(("77", look)))
    assert (whole.kind, whole.flag) == (CellKind.BLANK, Flag(unseen="77"))


@every_format
def test_text_in_other_looks_counts(kind: str) -> None:
    writer = FORMATS[kind]
    cell = writer.cell(writer.text(("2", "red"), ("54", "")))
    assert (cell.raw, cell.flag) == ("254", Flag())
    raised = writer.cell(writer.text(("2", "raised"), ("54", "lowered")))
    assert (raised.raw, raised.flag) == ("254", Flag())


@every_format
def test_what_is_raised_behind_a_letter_belongs_to_it(kind: str) -> None:
    writer = FORMATS[kind]
    cell = writer.cell(writer.text(("面积（m", ""), ("2", "raised"), ("）", ""), ("1", "raised")))
    assert (cell.raw, cell.flag) == ("面积（m2）", Flag(mark="1"))


@every_format
def test_a_mark_on_what_is_struck_out_is_no_figure(kind: str) -> None:
    writer = FORMATS[kind]
    cell = writer.cell(writer.text(("77", "struck"), ("1", "raised")))
    assert (cell.kind, cell.flag) == (CellKind.BLANK, Flag(unseen="77 1"))


def test_looks_within_looks() -> None:
    """A style within says what it says; a strike of Excel's XML goes through all within it."""
    inner = '7<text:span text:style-name="T-red">2</text:span>'
    cell = FORMATS["fods"].cell(odf_text((inner, "struck"), ("54", "")))
    assert (cell.raw, cell.flag) == ("254", Flag(unseen="7"))
    cell = FORMATS["xml"].cell(xml_text(("7<Font>7</Font>", "struck"), ("254", "")))
    assert (cell.raw, cell.flag) == ("254", Flag(unseen="77"))


@every_format
@pytest.mark.parametrize("parent", ["C", "D"])
def test_numbers_in_a_style_of_their_cell(kind: str, parent: str) -> None:
    """A number raised as a whole is one; struck out, or white where nothing is behind, it counts
    no longer; on a coloured ground people see it."""
    writer = FORMATS[kind]
    found = writer.grid(*(writer.number("3", f"{parent}-{name}") for name in STYLES))
    gone = Flag(unseen="3")
    assert [(found.raw(0, c), found.cell(0, c).flag) for c in range(len(STYLES))] == [
        (3.0, Flag()), (None, gone), (None, gone), (None, gone), (3.0, Flag()),
    ]  # fmt: skip


def test_a_value_without_its_text_is_struck_out_too() -> None:
    cell = odf_number("3", "C-struck").replace("<text:p>3</text:p>", "")
    assert FORMATS["fods"].cell(cell).flag == Flag(unseen="3")


def test_a_formula_struck_out_is_still_one() -> None:
    cell = odf_number("3", "C-struck", more=' table:formula="of:=1+2"')
    assert FORMATS["fods"].cell(cell).flag == Flag(formula=True, cached=False, unseen="3")
    styled = f'<Cell ss:StyleID="C-struck" ss:Formula="=1+2">{data_of("Number", "3")}</Cell>'
    assert FORMATS["xml"].cell(styled).flag == Flag(formula=True, cached=False, unseen="3")


def test_a_value_that_its_text_does_not_show() -> None:
    """Where a mark stands in the text, a value that holds it too is not taken."""
    shown = '<text:p>1573179<text:span text:style-name="T-raised">1</text:span></text:p>'
    cells = [
        odf_number(value, "").replace(f"<text:p>{value}</text:p>", shown)
        for value in ("15731791", "1573179")
    ]
    found = FORMATS["fods"].grid(*cells)
    assert [found.raw(0, c) for c in range(2)] == ["1573179", 1573179.0]
    assert {found.cell(0, c).flag for c in range(2)} == {Flag(mark="1")}
    text = odf_text(("77", "struck"), ("254", ""), more=' office:string-value="77254"')
    assert FORMATS["fods"].cell(text).raw == "254"


def test_styles_of_rows_and_columns_hold_for_cells_without_one() -> None:
    columns = (
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:default-cell-style-name="C-struck"/>'
    )
    cells = "".join(odf_number(n, "") for n in "123")
    low = f'<table:table-row table:default-cell-style-name="C-struck">{cells}</table:table-row>'
    found = book_of(fods(f"<table:table-row>{cells}</table:table-row>{low}", columns=columns)).grid(
        "甲"
    )
    assert [found.raw(0, c) for c in range(3)] == [1.0, 2.0, None]
    assert [found.raw(1, c) for c in range(3)] == [None] * 3
    cells = "".join(xml_number(n, "") for n in "123")
    data = xml(
        '<Row/><Row ss:Index="3">' + cells + '</Row><Row ss:StyleID="C-struck">' + cells + "</Row>"
    ).replace(b"<Table>", b'<Table><Column ss:Index="3" ss:StyleID="C-struck"/>')
    found = book_of(data).grid("甲")
    assert [found.raw(2, c) for c in range(3)] == [1.0, 2.0, None]
    assert [found.raw(3, c) for c in range(3)] == [None] * 3


@pytest.mark.parametrize("kind", ["ods", "fods"])
def test_named_styles(kind: str) -> None:
    """Where styles with names stand is another part of an .ods."""
    named = (
        '<style:style style:name="旧" style:family="table-cell">'
        '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    )
    data = FORMATS[kind].book(odf_number("3", "旧"), named=named)
    found = book_of(data).grid("甲")
    assert found.cell(0, 0).flag == Flag(unseen="3")


def test_phonetic_guides_and_notes() -> None:
    ruby = "<text:ruby><text:ruby-base>29351</text:ruby-base><text:ruby-text>1</text:ruby-text>"
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>注</text:p>"
    )
    for text in (f"{ruby}</text:ruby>", f"29351{note}</text:note-body></text:note>"):
        cell = FORMATS["fods"].cell(odf_text((text, "")))
        assert (cell.raw, cell.flag) == ("29351", Flag(mark="1"))
    guide = '<PhoneticText xmlns="urn:schemas-microsoft-com:office:excel">1</PhoneticText>'
    cell = FORMATS["xml"].cell(f"<Cell>{data_of('String', '29351')}{guide}</Cell>")
    assert (cell.raw, cell.flag) == ("29351", Flag(mark="1"))


MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics>{}</semantics></math>'
EQUATIONS = {
    "<mrow><mn>29351</mn></mrow><annotation>29351</annotation>": "29351",
    "<msup><mn>10</mn><mn>2</mn></msup>": "10^2",
    "<mfrac><mn>1</mn><mn>2</mn></mfrac>": "1/2",
    "<msqrt><mn>1</mn><mn>2</mn></msqrt>": "msqrt(1 2)",
    "<msqrt><mn>4</mn></msqrt>": "msqrt(4)",
    "<menclose><mn>4</mn></menclose>": "menclose(4)",
}


def drawn(said: str, *, more: str = "", text: str = "") -> str:
    return (
        f"<table:table-cell{more}>{text}<draw:frame><draw:object{said}</draw:object>"
        "</draw:frame></table:table-cell>"
    )


@pytest.mark.parametrize("inner", EQUATIONS)
def test_an_equation_is_read(inner: str) -> None:
    math, text = MATH.format(inner), EQUATIONS[inner]
    assert FORMATS["fods"].cell(drawn(f">{math}")).raw == text
    objects = {"Object 1/content.xml": math}
    named = drawn(' xlink:href="./Object 1">')
    assert book_of(ods(named, objects=objects)).grid("甲").cell(0, 0).raw == text
    beside = drawn(
        f">{math}", more=' office:value-type="float" office:value="5"', text="<text:p>5</text:p>"
    )
    cell = FORMATS["fods"].cell(beside)
    assert (cell.raw, cell.flag) == (5.0, Flag(mark=text))
    within = odf_text((f"5<draw:frame><draw:object>{math}</draw:object></draw:frame>", ""))
    assert FORMATS["fods"].cell(within).raw == f"5 {text}"


def test_an_equation_that_cannot_be_read_is_no_blank() -> None:
    objects = {"Object 1/content.xml": "<!DOCTYPE math>" + MATH.format("<mn>1</mn>")}
    named = drawn(' xlink:href="./Object 1">')
    assert book_of(ods(named, objects=objects)).grid("甲").cell(0, 0).raw == "公式"


def test_a_chart_is_no_equation() -> None:
    chart = f'<office:document-content xmlns:office="{NAMES["office"]}"/>'
    named = drawn(' xlink:href="./Object 1">')
    for objects in ({"Object 1/content.xml": chart}, {}):
        cells = odf_number("1", "") + named
        assert book_of(ods(cells, objects=objects)).grid("甲").cell(0, 1).kind is CellKind.BLANK


# Number formats

NUMBERED = '<number:number number:decimal-places="0" number:min-integer-digits="1"{}/>'
ODF_FORMATS: Mapping[str, tuple[str, str]] = {
    "0%": ("percentage", NUMBERED.format("") + "<number:text>%</number:text>"),
    '0"万件"': ("number", NUMBERED.format("") + "<number:text>万件</number:text>"),
    '"1"0': ("number", "<number:text>1</number:text>" + NUMBERED.format("")),
    "0,": ("number", NUMBERED.format(' number:display-factor="1000"')),
    '"￥"#,##0': (
        "currency",
        "<number:currency-symbol>￥</number:currency-symbol>"
        + NUMBERED.format(' number:grouping="true"'),
    ),
    '0\\"': ("number", NUMBERED.format("") + '<number:text>"</number:text>'),
    '0"百"0': (
        "number",
        '<number:number number:decimal-places="0" number:min-integer-digits="2">'
        '<number:embedded-text number:position="1">百</number:embedded-text></number:number>',
    ),
    # In brackets a figure reads as one below zero.
    "(0.00)": (
        "number",
        '<number:text>(</number:text><number:number number:decimal-places="2" '
        'number:min-integer-digits="1"/><number:text>)</number:text>',
    ),
}
PLAIN_FORMATS = [
    ("number", '<number:number number:min-integer-digits="1"/>'),
    ("number", NUMBERED.format(' number:grouping="true"') + "<number:text> </number:text>"),
    (
        "number",
        '<number:scientific-number number:decimal-places="2" number:min-integer-digits="1"/>',
    ),
    ("text", "<number:text-content/>"),
]


def number_style(kind: str, inner: str, *, name: str = "N", more: str = "") -> str:
    return (
        f'<number:{kind}-style style:name="{name}">{inner}{more}</number:{kind}-style>'
        f'<style:style style:name="c{name}" style:family="table-cell" '
        f'style:data-style-name="{name}"/>'
    )


def formatted(automatic: str, cell: str = "") -> str:
    """The format with which a cell of some styles is flagged."""
    data = fods(cell or odf_number("3", "cN"), automatic=automatic)
    return book_of(data).grid("甲").cell(0, 0).flag.format


@pytest.mark.parametrize("code", ODF_FORMATS)
def test_number_formats_of_opendocument(code: str) -> None:
    assert formatted(number_style(*ODF_FORMATS[code])) == code


@pytest.mark.parametrize(("kind", "inner"), PLAIN_FORMATS)
def test_plain_formats_of_opendocument(kind: str, inner: str) -> None:
    assert formatted(number_style(kind, inner)) == ""


MAPPED = {
    ("value()>0", "value()<0"): '0"件";0"件";"无"',
    ("value()>=0",): '0"件";"无"',
    ("value()>=100",): '[>=100]0"件";"无"',
}


@pytest.mark.parametrize("conditions", MAPPED)
def test_formats_for_some_values(conditions: tuple[str, ...]) -> None:
    part = number_style("number", NUMBERED.format("") + "<number:text>件</number:text>", name="P")
    maps = "".join(
        f'<style:map style:condition="{c.replace("<", "&lt;")}" style:apply-style-name="P"/>'
        for c in conditions
    )
    told = formatted(part + number_style("number", "<number:text>无</number:text>", more=maps))
    assert told == MAPPED[conditions]


def test_a_percentage_without_a_format_is_shown_as_one() -> None:
    assert formatted("", odf_number("3", "", kind="percentage")) == "0%"


def test_a_format_of_text() -> None:
    style = number_style("text", "<number:text-content/><number:text>万件</number:text>")
    cell = odf_text(("3", ""), more=' table:style-name="cN"')
    assert formatted(style, cell) == '@"万件"'


def test_a_format_that_writes_in_white() -> None:
    white = '<style:text-properties fo:color="#FFFFFF"/>' + NUMBERED.format("")
    data = fods(odf_number("3", "cN"), automatic=number_style("number", white))
    assert book_of(data).grid("甲").cell(0, 0).flag == Flag(unseen="3")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("0%", "0%"),
        ("Percent", "0.00%"),
        ("0&quot;万件&quot;", '0"万件"'),
        ("0,", "0,"),
        (";;;", ";;;"),
        ("Yes/No", '"Yes";"Yes";"No"'),
        ("General", ""),
        ("Fixed", ""),
        ("Standard", ""),
        ("#,##0_);[Red]\\(#,##0\\)", ""),
        ("@", ""),
    ],
)
def test_number_formats_of_xml2003(given: str, told: str) -> None:
    """A cell has the format of its style, of that style's parent, or of the default style."""
    style = f'<Style ss:ID="{{}}"><NumberFormat ss:Format="{given}"/></Style>'
    heir = '<Style ss:ID="heir" ss:Parent="s1"/>'
    for cell, styles in (
        (xml_number("3", "s1"), style.format("s1")),
        (xml_number("3", "heir"), style.format("s1") + heir),
        (xml_number("3", ""), style.format("Default")),
    ):
        assert book_of(xml(cell, styles=styles)).grid("甲").cell(0, 0).flag.format == told


# Merged cells


def test_merged_cells_of_opendocument() -> None:
    """What lies beneath is there, and merged cells that rows repeat are merged in each."""
    wide = odf_number("5", "", more=' table:number-columns-spanned="2"')
    high = odf_number("6", "", more=' table:number-rows-spanned="2"')
    beneath = odf_number("9", "").replace("table-cell", "covered-table-cell")
    rows = (
        f'<table:table-row table:number-rows-repeated="2">{wide}{beneath}</table:table-row>'
        f"<table:table-row>{high}</table:table-row>"
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'table:number-columns-spanned="2" table:number-columns-repeated="16000"/>'
        "</table:table-row>"
    )
    for data in (fods(rows), ods(rows)):
        found = book_of(data).grid("甲")
        assert found.merges == [Area(0, 0, 0, 1), Area(1, 0, 1, 1), Area(2, 0, 3, 0)]
        assert [found.raw(r, 1) for r in range(2)] == [9.0, 9.0]


def test_merged_cells_of_xml2003() -> None:
    cells = (
        f'<Row><Cell ss:MergeAcross="1" ss:MergeDown="1">{data_of("Number", "5")}</Cell>'
        f"{xml_number('6', '')}</Row><Row>{xml_number('9', '')}</Row>"
    )
    found = book_of(xml(cells)).grid("甲")
    assert found.merges == [Area(0, 0, 1, 1)]
    assert (found.raw(0, 2), found.raw(1, 0)) == (6.0, 9.0)


# Damage: no cell has two values

ONE = data_of("Number", "1")
CELL = f"<Cell>{ONE}</Cell>"
ROW = f"<Row>{CELL}</Row>"
TWICE = {
    "two values": f"<Row><Cell>{ONE}{ONE}</Cell></Row>",
    "a value after an empty one": f"<Row><Cell>{data_of('String', '')}{ONE}</Cell></Row>",
    "an address again": f'<Row>{CELL}<Cell ss:Index="1">{ONE}</Cell></Row>',
    "an address before": f'<Row><Cell ss:Index="3"/><Cell ss:Index="2">{ONE}</Cell></Row>',
    "within merged ones": f'<Row><Cell ss:MergeAcross="2"/><Cell ss:Index="2">{ONE}</Cell></Row>',
    "a row again": f'{ROW}<Row ss:Index="1">{CELL}</Row>',
    "a row that another stands for": f'<Row ss:Span="2"/><Row ss:Index="2">{CELL}</Row>',
    "a cell in a cell": f"<Row><Cell>{ONE}{CELL}</Cell></Row>",
    "two tables": f"{ROW}</Table><Table>{ROW}",
}


@pytest.mark.parametrize("how", TWICE)
def test_two_values_in_one_cell_of_xml2003(how: str) -> None:
    assert refused(xml(TWICE[how]))[0] == "F-02"


def test_two_values_in_one_cell_of_opendocument() -> None:
    twice = odf_number("1", "", more=' office:value="2"')
    assert refused(fods(twice))[0] == "F-02"


# As a program writes them


@pytest.mark.parametrize("kind", ["ods", "fods"])
def test_what_libreoffice_saves(office: Office, tmp_path: Path, kind: str) -> None:
    src = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(src) as book:
        sheet = book.add_worksheet("甲")
        usual, raised = book.add_format(), book.add_format({"font_script": 1})
        struck = book.add_format({"font_strikeout": True})
        sheet.write_rich_string(0, 0, usual, "1573179", raised, "1")
        sheet.write_rich_string(1, 0, struck, "77", usual, "254")
        sheet.write_number(2, 0, 3, struck)
        sheet.write_number(3, 0, 3, raised)
        sheet.write_number(4, 0, 3, book.add_format({"font_color": "#FFFFFF"}))
        codes = ["0%", '0"万件"', "0,", ";;;", '"1"0', '0;-0;"x"', '"差"0;"平衡"', "#,##0.00_)"]
        for row, code in enumerate(codes, 5):
            sheet.write_number(row, 0, 3, book.add_format({"num_format": code}))
        sheet.merge_range("C1:D2", 5)
        sheet.write_number("D2", 9)
    found = open_book(office.convert(src, tmp_path / f"a.{kind}")).grid("甲")
    assert [(found.raw(r, 0), found.cell(r, 0).flag) for r in range(5)] == [
        ("1573179", Flag(mark="1")),
        ("254", Flag(unseen="77")),
        (None, Flag(unseen="3")),
        (3.0, Flag()),
        (None, Flag(unseen="3")),
    ]
    formats = [found.cell(r, 0).flag.format for r in range(5, 13)]
    assert formats == [*codes[:-1], ""]
    assert found.merges == [Area(0, 2, 1, 3)]
    assert (found.raw(0, 2), found.raw(1, 3)) == (5.0, 9.0)
