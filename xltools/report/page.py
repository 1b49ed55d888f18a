"""The page of an official document: margins, type and page numbers.

Source: GB/T 9704-2012, 党政机关公文格式: A4; margins of 37, 35, 28 and 26 mm; title in 小标宋
二号; text in 仿宋 三号, 28 characters a line, 22 lines a page; headings in 黑体 and 楷体 三号; page
numbers between dashes in 宋体 四号, outside.
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

TITLE, HEADING, SUBHEADING, BODY, SIGNED = "公文标题 一级标题 二级标题 公文正文 落款".split()
TABLE, SMALL = "表格文字 表格小字".split()
WIDTH: Final = 156  # mm between the margins
TITLE_LINE: Final = 20  # characters of the title in one line
_LINE: Final = 28.95  # pt: 22 lines a page
# Style: Chinese typeface, the one for figures and Latin letters, size in pt.
_TYPES: Final = {
    TITLE: ("方正小标宋简体", "Times New Roman", 22),
    HEADING: ("黑体", "Times New Roman", 16),
    SUBHEADING: ("楷体_GB2312", "Times New Roman", 16),
    BODY: ("仿宋_GB2312", "Times New Roman", 16),
    SIGNED: ("仿宋_GB2312", "Times New Roman", 16),
    TABLE: ("宋体", "宋体", 10.5),
    SMALL: ("宋体", "宋体", 9),
}


def new() -> "Document":
    """An empty document with the page and the styles."""
    from docx import Document
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    _styles(document)
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer.paragraphs[0], even=False)
    _number(section.even_page_footer.paragraphs[0], even=True)
    return document


def _styles(document: "Document") -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt

    for number, name in enumerate(_TYPES):
        style: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        chinese, latin, size = _TYPES[name]
        style.font.name, style.font.size = latin, Pt(size)
        _chinese(style, chinese)
        layout = style.paragraph_format
        layout.space_before = layout.space_after = Pt(0)
        layout.widow_control = False
        if name in (TABLE, SMALL):
            layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
            continue
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE)
        if name == TITLE:
            layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
            layout.line_spacing, layout.space_after = Pt(36), Pt(_LINE)
        elif name == SIGNED:
            layout.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        else:
            layout.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            _indent(style)
        if name in (HEADING, SUBHEADING):
            layout.keep_with_next = True
            _level(style, number - 1)


def _chinese(style: Any, name: str) -> None:
    """The typeface of Chinese characters, which has a setting of its own."""
    from docx.oxml.ns import qn

    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _indent(style: Any) -> None:
    """A first line of two characters' indent, whatever their size."""
    from docx.oxml.ns import qn

    own = style.element.get_or_add_pPr().get_or_add_ind()
    own.set(qn("w:firstLineChars"), "200")
    own.set(qn("w:firstLine"), "640")


def _level(style: Any, level: int) -> None:
    """Let the heading stand in the outline at a level, from 0."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), str(level))
    style.element.get_or_add_pPr().append(outline)


def _number(line: "Paragraph", *, even: bool) -> None:
    """— 1 —, at the outer side, one character from the edge."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    line.alignment = WD_ALIGN_PARAGRAPH.LEFT if even else WD_ALIGN_PARAGRAPH.RIGHT
    layout = line.paragraph_format
    layout.left_indent = layout.right_indent = Pt(14)
    for text, kind in (("— ", ""), ("", "begin"), ("PAGE", "code"), ("", "end"), (" —", "")):
        run: Any = line.add_run("" if kind == "code" else text)
        run.font.name, run.font.size = "宋体", Pt(14)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.text = text
            run._element.append(code)
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)
