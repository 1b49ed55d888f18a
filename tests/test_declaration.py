"""Form files: the official one, and every way in which one can be wrong, with its place."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xltools.forms import declaration
from xltools.layout.places import lay_out
from xltools.model.errors import FormError
from xltools.model.findings import catalogue
from xltools.model.form import Form, ItemType, Severity
from xltools.model.toml_source import KeyPath, positions

NAME = "zfxxgk-2021"
OFFICIAL = (files("xltools") / "forms" / f"{NAME}.toml").read_text("utf-8")

SMALL = """\
form = "f"
edition = "1"
title = "小表"
authority = "测试"

[p]
title = "一、文字"
text = [["said", "（一）说明"]]

[t]
title = "二、表"
types = { b = "amount" }
columns = [
  ["a", "甲"],
  ["b", "乙"],
  ["all", "总计", "a + b"],
]
rows = [
  ["in", "一、新收"],
  ["x", "二、结果 > 甲"],
  ["y", "二、结果 > 乙"],
  ["sum", "二、结果 > 总计", "x .. y"],
]

[rules]
R-1 = ["fatal", "t.in == t.sum", "平"]
R-2 = ["fatal", "t.sum", "和"]
R-3 = ["query", "t.in.a <= prior.t.in.a + 2", "不多于", ["工作机构"]]

[prose]
figures = ["p"]
apart = ["其中…"]
fee = ["p.said", "费"]

[prose.mentions]
"新收 | 收到" = ["t.in.all", "t.in.a + t.in.b"]

[prose.none]
"未收到" = ["t.in.all"]
"""


TYPES = 'types = { b = "amount" }'
LEAST = "yuan_from = { b = 9 }\nyuan_least = "


def made(text: str) -> Form:
    return declaration.read(text, Path("small.toml"))


# Each row: what is replaced, by what, and where the error points: the text before which the
# caret stands (an at sign marks the spot in it), and words of the message.
BROKEN: list[tuple[str, str, str, str]] = [
    # The file.
    ('form = "f"\n', "", '@edition = "1"', "缺少 'form'"),
    ('form = "f"', "form = 3", "form = @3", "缺少 'form'，或不是"),
    ('title = "小表"', 'title = " "', 'title = "@ "', "缺少 'title'"),
    ('edition = "1"', 'edition = "1', 'edition = "1@', "引号没有收尾"),
    ("[rules]", "[rules", "[rules@", "末尾要有 ']'"),
    ("[rules]", "[p]", "[p@]", "写了两次"),
    ('title = "小表"', 'title = "小表"\ntitle = "再"', 'title = "再"@', "写了两次"),
    ("[rules]", "[rules]\nR-9 = @", "R-9 = @@", "等号后面的写法不对"),
    ('authority = "测试"', 'authority = "测试"\nyears = [2021]', "years = @[2021]", "'years'"),
    ('authority = "测试"', 'authority = "测试"\nyears = [2022, 2021]', "years = @[", "'years'"),
    ('authority = "测试"', 'authority = "测试"\nyear = 2021', "@year = 2021", "不是表式的一部分"),
    ('authority = "测试"', 'authority = "测试"\n"表" = 1', '@"表" = 1', "不是表式的一部分"),
    # The parts.
    ("[p]", "[prior]", "[@prior]", "不是表式的一部分"),
    ("[p]", "[P]", "[@P]", "不是表式的一部分"),
    ('title = "一、文字"\n', "", "[@p]", "缺少 'title'"),
    ('title = "一、文字"', 'title = "一、文字"\nlimit = "长"', 'limit = "@长"', "'limit'"),
    ('title = "一、文字"', 'title = "一、文字"\nlimit = -1', "limit = @-1", "'limit'"),
    ('title = "一、文字"', 'title = "一、文字"\nlimits = 9', "@limits = 9", "没有 'limits' 这个键"),
    ('["said", "（一）说明"]', '["said"]', "text = [@[", "写成 [代号, 标题]"),
    ('["said", "（一）说明"]', '["said", "说", "a"]', '"说", "@a"', "文字没有算式"),
    ('["said", "（一）说明"]', '["said", "说"], ["said", "明"]', '["@said", "明"]', "用了两次"),
    ('text = [["said", "（一）说明"]]', 'text = "说"', 'text = "@说"', "是列表"),
    # The tables.
    (
        'title = "二、表"',
        'title = "二、表"\ncorners = ""',
        '@corners = ""',
        "没有 'corners'",
    ),
    ('title = "二、表"', 'title = "二、表"\ncorner = 1', "corner = @1", "'corner'"),
    (
        'title = "二、表"',
        'title = "二、表"\ntype = "money"',
        'type = "@money"',
        "只能是 count、amount、change",
    ),
    ('types = { b = "amount" }', 'types = { b = "sum" }', 'b = "@sum"', "count、amount、change"),
    (
        'types = { b = "amount" }',
        'types = { c = "amount" }',
        '{ @c = "amount"',
        "没有代号叫 'c'",
    ),
    (
        'types = { b = "amount" }',
        'type = "change"\nunit = "件"',
        'unit = "@件"',
        "不能是 '件'",
    ),
    ('types = { b = "amount" }', 'unit = "元"', '@unit = "元"', "只用于金额"),
    ('["b", "乙"]', '["b", "乙（单位：元）"]', '["b", "@乙（', "印的是元，unit 却是万元"),
    ('["b", "乙"]', '["b", "数（元） > 乙"]', '["b", "@数（', "印的是元，unit 却是万元"),
    ('types = { b = "amount" }', "unit = 5", "unit = @5", "unit 不能是 5："),
    ('types = { b = "amount" }', "unit = []", "unit = @[", "unit 不能是 []："),
    ('types = { b = "amount" }', "decimals = 7", "decimals = @7", "是 0 至 6 的数"),
    ('types = { b = "amount" }', "decimals = true", "decimals = @true", "0 至 6 的数"),
    ('authority = "测试"', 'authority = "测试"\nsigners = "甲"', 'signers = "@甲"', "'signers'"),
    ('authority = "测试"', 'authority = "a"\nsigners = ["甲", " "]', '"甲", "@ "', "签字人是"),
    ('authority = "测试"', 'authority = "a"\ncalled = "甲"', 'called = "@甲"', "'called'"),
    ('authority = "测试"', 'authority = "a"\ncalled = ["甲", 1]', '"甲", @1', "是加引号的文字"),
    ('types = { b = "amount" }', 'types = ["b"]', 'types = @["b"]', "'types' 写成"),
    ('types = { b = "amount" }', "blocks = []", "@columns = [", "没有 'columns' 这个键"),
    ('["a", "甲"]', '["A", "甲"]', '["@A", "甲"]', "不能作代号"),
    ('["a", "甲"]', '["prior", "甲"]', '["@prior", "甲"]', "不能作代号"),
    ('["a", "甲"]', '["a", ""]', '["a", "@"]', "标题空着"),
    ('["a", "甲"]', '["a", "甲 > > 乙"]', '["a", "@甲 > > 乙"]', "标题空着"),
    ('["a", "甲"]', '["a", 5]', '@["a", 5]', "写成 [代号, 标题]"),
    ('["b", "乙"]', '["a", "乙"]', '["@a", "乙"]', "'a' 用了两次"),
    ('["y", "二、结果 > 乙"]', '["x", "乙"]', '["@x", "乙"]', "'x' 用了两次"),
    ('["b", "乙"]', '["x", "乙"]', '["@x", "乙"]', "既是行又是列"),
    ('["b", "乙"]', '["b", "甲"]', '["b", "@甲"]', "'b' 和 'a' 的标题相同"),
    ('["y", "二、结果 > 乙"]', '["y", "二、结果>　甲"]', '["y", "@二、', "'y' 和 'x' 的标题相同"),
    ("rows = [", "lines = [", "@lines = [", "没有 'lines' 这个键"),
    # The totals.
    ('"a + b"', '"a + c"', '"a + @c"', "没有代号叫 'c' 的行或列"),
    ('"a + b"', '"a + x"', '"a + @x"', "'x' 是行"),
    ('"a + b"', '"a + 2"', '"a + @2"', "不能有数字"),
    ('"a + b"', '"a == b"', '"a @== b"', "没有比较"),
    ('"a + b"', '"a + t.b"', '"a + @t.b"', "同一张表"),
    ('"a + b"', '"a + prior.b"', '"a + @prior.b"', "同一张表"),
    ('"a + b"', '"a + prior"', '"a + @prior"', "后面要写代号"),
    ('"a + b"', '"a + all"', '"@a + all"', "'all' 的算式里又用到了它自己"),
    ('"a + b"', '"a +"', '"a +@"', "应当是代号，却已经结束"),
    ('"a + b"', '"a + 乙"', '"a + @乙"', "不认识的符号 '乙'"),
    ('"x .. y"', '"y .. x"', '"y .. @x"', "'x' 在 'y' 之前"),
    ('"x .. y"', '"x .. a"', '"x .. @a"', "从行到行"),
    ('"x .. y"', '"x .. z"', '"x .. @z"', "没有代号叫 'z' 的行或列"),
    ('"x .. y"', '"x .. prior.y"', '"x .. @prior.y"', "在同一张表里"),
    ('"x .. y"', '"x ... y"', '"x ..@. y"', "不认识的符号 '.'"),
    ('["x", "二、结果 > 甲"]', '["x", "甲", "sum"]', '"甲", "@sum"', "用到了它自己"),
    # The rules.
    ('"t.in == t.sum"', '"t.in == t.total"', '"t.in == @t.total"', "没有代号叫 'total' 的行或列"),
    ('"t.in == t.sum"', '"t.in == u.sum"', '"t.in == @u.sum"', "没有代号叫 'u' 的表"),
    ('"t.in == t.sum"', '"t.in == p.said"', '"t.in == @p.said"', "没有代号叫 'p' 的表"),
    ('"t.in == t.sum"', '"t.in == t.all"', '"t.in == @t.all"', "整行 'in' 不能和整列"),
    ('"t.in == t.sum"', '"t.in == t"', '"t.in == @t"', "写成 表.行（或列）"),
    ('"t.in == t.sum"', '"t.in = t.sum"', '"t.in @= t.sum"', "不认识的符号 '='"),
    ('"t.in == t.sum"', '"t.in < t.sum"', '"t.in @< t.sum"', "不认识的符号 '<'"),
    ('"t.in == t.sum"', '"t.in == t.x.y"', '"t.in == @t.x.y"', "一格写成 表.行.列"),
    ('"t.in == t.sum"', '"t.in == t.x.a.b"', '"t.in == @t.x.a.b"', "写成 表.行（或列）"),
    ('"t.in == t.sum"', '"prior.t.in == prior.t.sum"', '"@prior.t.in ==', "本年的数"),
    ('"t.in == t.sum"', '"(t.in == t.sum"', '"(t.in @== t.sum"', "应当是右括号"),
    ('"t.sum"', '"t.in"', '"@t.in", "和"', "'in' 不是合计"),
    ('"t.sum"', '"t.sum + 1"', '"t.sum + 1@"', "比较两边，或只写一个合计"),
    ('"t.sum"', '"-t.sum"', '"-t.sum@"', "比较两边，或只写一个合计"),
    ('"t.sum"', '"t.x + t.y"', '"t.x + t.y@"', "比较两边，或只写一个合计"),
    ('"t.sum"', '""', '"@", "和"', "应当是代号"),
    ('["fatal", "t.sum", "和"]', '["fatal", "t.sum"]', "R-2 = @[", "R-2 写成 [性质"),
    ('["fatal", "t.sum", "和"]', '"t.sum"', 'R-2 = "@t.sum"', "R-2 写成 [性质"),
    ('["fatal", "t.sum"', '["error", "t.sum"', '["@error"', "只能是 fatal、query、trial"),
    ('["工作机构"]', '"工作机构"', '"不多于", "@工作机构"', "文字的列表"),
    ('["工作机构"]', "[1]", '"不多于", @[1]', "文字的列表"),
    ('["工作机构"]', '["工作机关"]', '["@工作机关"]', "没有“工作机关”这种单位类别"),
    ("R-2 =", "r2 =", "@r2 =", "不能作编码"),
    ("R-2 =", "V-13 =", "@V-13 =", "程序自己的编码"),
    ("[rules]", "[[rules]]", "[[@rules]]", "[rules] 下一行一条"),
    ('["fatal", "t.sum"', '["tried", "t.sum"', '["@tried"', "fatal、query、trial，是否为 trial？"),
    # Amounts in doubt.
    (TYPES, f"{TYPES}\nyuan_from = 5", "yuan_from = @5", "'yuan_from' 写成"),
    (TYPES, f"{TYPES}\nyuan_from = {{ c = 5 }}", "{ @c = 5", "没有代号叫 'c' 的行或列"),
    (TYPES, f"{TYPES}\nyuan_from = {{ a = 5 }}", "{ @a = 5", "'a' 不是金额"),
    (TYPES, f"{TYPES}\nyuan_from = {{ b = 0 }}", "{ b = @0", "大于 0 的整数"),
    (TYPES, f'{TYPES}\nyuan_from = {{ b = "9" }}', '{ b = "@9"', "大于 0 的整数"),
    (TYPES, f"{TYPES}\nyuan_least = 5", "yuan_least = @5", "'yuan_least' 写成"),
    (TYPES, f'{TYPES}\nyuan_least = {{ b = "t.in.a" }}', "{ @b =", "'b' 没有写 'yuan_from'"),
    (TYPES, f"{TYPES}\n{LEAST}{{ b = 5 }}", "{ b = @5", "'yuan_least' 里是算式"),
    (TYPES, f'{TYPES}\n{LEAST}{{ b = "t.in.c" }}', '"@t.in.c', "没有代号叫 'c' 的行或列"),
    (TYPES, f'{TYPES}\n{LEAST}{{ b = "t.in" }}', '"@t.in"', "一个数写成 表.行.列"),
    # The prose.
    ("[prose]", "[[prose]]", "[@prose.none]", "[prose] 下面"),
    ("[prose]\n", "[prose]\nfigure = 1\n", "@figure = 1", "没有 'figure' 这个键，是否为 figures？"),
    ('figures = ["p"]', 'figures = "p"', 'figures = "@p"', "'figures' 是词的列表"),
    ('figures = ["p"]', 'figures = ["p", "q"]', '"p", "@q"', "没有代号叫 'q' 的文字"),
    (
        'figures = ["p"]',
        'figures = ["p.sad"]',
        '["@p.sad"',
        "是否为 p.said？",
    ),
    ('figures = ["p"]', 'figures = ["t"]', '["@t"', "没有代号叫 't' 的文字"),
    ('figures = ["p"]', 'substance = ["t"]', '["@t"', "没有代号叫 't' 的文字"),
    ('apart = ["其中…"]', 'apart = ["其中…", ""]', "apart = @[", "'apart' 是词的列表"),
    ('["p.said", "费"]', '["p.said"]', "fee = @[", "'fee' 写成 [文字代号"),
    ('["p.said", "费"]', '["费", "p.said"]', '["@费"', "没有代号叫 '费' 的文字"),
    ('["p.said", "费"]', '["p.said", "费", ""]', "fee = @[", "'fee' 是词的列表"),
    ('apart = ["其中…"]', 'aside = "率"', 'aside = "@率"', "'aside' 是词的列表"),
    ('apart = ["其中…"]', 'acts = ["新收", "受理"]', '"新收", "@受理"', "没有“受理”这个词"),
    ('apart = ["其中…"]', 'bound = ["未收到"]', '["@未收到"', "没有“未收到”这个词"),
    (
        "[prose.mentions]",
        "[[prose.mentions]]",
        "[[prose.@mentions]]",
        "[prose.mentions] 下",
    ),
    ("[prose.none]", "[[prose.none]]", "[[prose.@none]]", "[prose.none] 下一行一条"),
    ('"新收 | 收到"', '"新收 | "', '@"新收 | "', "词空着"),
    ('"新收 | 收到"', '"…"', '@"…"', "词空着"),
    ('"新收 | 收到"', '"新收 | 新收"', '@"新收 | 新收"', "'新收' 用了两次"),
    ('"未收到" = ["t.in.all"]', '"未收到" = "t.in.all"', '= "@t.in.all"', "算式的列表"),
    ('"未收到" = ["t.in.all"]', '"未收到" = []', "= @[]", "算式的列表"),
    ("t.in.a + t.in.b", "t.in.a + t.in", "t.in.a + @t.in", "一个数写成 表.行.列"),
    ("t.in.a + t.in.b", "t.in.a + t.in.c", "t.in.a + @t.in.c", "没有代号叫 'c' 的行或列"),
    ("t.in.a + t.in.b", "t.in.a + prior.t.in.a", "+ @prior.t.in.a", "本年的数"),
    ("t.in.a + t.in.b", "t.in.a == t.in.b", "t.in.a @== t.in.b", "没有比较"),
    ("t.in.a + t.in.b", "3", '"@3"', "应当是表里的数"),
]


@pytest.mark.parametrize(("old", "new", "spot", "words"), BROKEN)
def test_a_broken_form_has_one_error_at_its_place(
    old: str, new: str, spot: str, words: str
) -> None:
    assert SMALL.count(old) == 1 or old.startswith("title") or old == '"t.sum"'
    text = SMALL.replace(old, new, 1)
    with pytest.raises(FormError) as caught:
        made(text)
    error = caught.value
    assert str(error.path) == "small.toml"
    assert words in error.message
    lines = text.split("\n")
    assert error.source == lines[error.line - 1]
    shown = error.source[: error.column - 1] + "@" + error.source[error.column - 1 :]
    assert spot in shown


def test_the_table_of_broken_forms_is_long_enough_and_starts_from_a_good_one() -> None:
    assert len(BROKEN) >= 25
    form = made(SMALL)
    assert len(form.items) == 12
    assert [(i.rule.code, i.line) for i in form.instances] == [
        *(("R-1", c) for c in ("a", "b", "all")),
        *(("R-2", c) for c in ("a", "b", "all")),
        ("R-3", ""),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "缺少 'form'"),
        ("# nichts\n", 1, 1, "缺少 'form'"),
        (SMALL[: SMALL.index("[t]")], 1, 1, "至少要有一张"),
        ("\ufeff" + SMALL, 1, 1, "这一行写法不对"),
        ("a = " + "[" * 9000 + "]" * 9000, 1, 1, "套得太深"),
        ("a = " + "9" * 9000, 1, 1, "数字太长"),
        ('a = "\n', 1, 6, "引号没有收尾"),
        ('a = """\n\n\n', 1, 8, "引号没有收尾"),
        ('a = "b"\r\nb = 1\r\nb = 2', 3, 6, "写了两次"),
    ],
)
def test_a_file_that_is_no_form(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(FormError) as caught:
        made(text)
    assert words in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "gbk.toml").write_bytes('title = "表"'.encode("gb18030"))
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    said = {}
    for name in ("gbk.toml", "missing.toml", ".", "zfxxgk-1999", "a\0b"):
        with pytest.raises(FormError) as caught:
            declaration.load(tmp_path / name)
        said[name] = str(caught.value)
        assert said[name].startswith(str(tmp_path))
    assert "不是 UTF-8 编码的文本（第 9 字节起）" in said["gbk.toml"]
    known = "、".join(declaration.available())
    assert f"自带的表式有：{known}" in said["zfxxgk-1999"]
    assert declaration.load(tmp_path / "bom.toml").name == "f-1"


def test_the_caret_stands_under_the_place_on_a_terminal() -> None:
    text = SMALL.replace('"a + b"', '"a + c"')
    with pytest.raises(FormError) as caught:
        made(text)
    number = text[: text.index("a + c")].count("\n") + 1
    place, source, caret = str(caught.value).split("\n")
    assert place == f"small.toml:{number}:22: 表 't' 里没有代号叫 'c' 的行或列"
    assert source == '    ["all", "总计", "a + c"],'
    assert caret == "  " + " " * 11 + "\u3000" * 2 + " " * 8 + "^"


BLOCKS = """
form = "f"
edition = "1"
title = "t"
authority = "a"

[t]
title = "甲"
type = "amount"
types = { n = "count" }

[[t.blocks]]
title = "一块"
columns = [["n", "数"], ["m", "额"], ["k", "总", "n + m"]]
rows = [["r", "一"]]

[[t.blocks]]
title = "二块"
type = "count"
types = { m = "amount" }
columns = [["m", "额"]]
rows = [["s", "二"]]
"""


def test_blocks_have_types_and_headings_of_their_own() -> None:
    form = made(BLOCKS)
    assert {i.name: i.type.value for i in form.items} == {
        "t.r.n": "count", "t.r.m": "amount", "t.r.k": "amount", "t.s.m": "amount",
    }  # fmt: skip
    assert form.items[3].rows == ("二块", "二")
    assert form.tables[0].part == "甲"


@pytest.mark.parametrize(
    ("old", "new", "spot", "words"),
    [
        ('title = "二块"', "title = 2", "title = @2", "'title'"),
        ('title = "二块"', 'corner = ""', "@corner", "没有 'corner' 这个键"),
        ("{ m = ", "{ n = ", "{ @n = ", "没有代号叫 'n' 的行或列"),
        ("{ n = ", "{ x = ", "{ @x = ", "没有代号叫 'x' 的行或列"),
        ('type = "count"', 'type = "sum"', 'type = "@sum"', "类型不能是 'sum'"),
        ('["s", "二"]', '["r", "二"]', '["@r", "二"]', "用了两次"),
        ('["s", "二"]', '["n", "二"]', '["@n", "二"]', "既是行又是列"),
        ('["m", "额"]]', '["r", "额"]]', '["@r", "额"]]', "既是行又是列"),
        ('["m", "额"]]', '["k", "额", "n"]]', '"额", "@n"', "两个不同的算式"),
        ('["m", "额"]]', '["m", "额"], ["k", "总"]]', '"总", "@n + m"', "'n' 在 's' 处没有格"),
        (
            '[[t.blocks]]\ntitle = "一块"',
            "[[t.block]]",
            "[[t.@block]]",
            "是否为 blocks？",
        ),
    ],
)
def test_a_broken_block_is_pointed_at(old: str, new: str, spot: str, words: str) -> None:
    head, mark, tail = BLOCKS.rpartition(old)
    with pytest.raises(FormError) as caught:
        made(head + new + tail if mark else "")
    error = caught.value
    assert words in error.message
    shown = error.source[: error.column - 1] + "@" + error.source[error.column - 1 :]
    assert spot in shown


def test_blocks_that_share_no_grid_are_refused() -> None:
    def columns(count: int) -> str:
        return ", ".join(f'["c{n}", "数{n}"]' for n in range(count))

    text = BLOCKS.replace('["m", "额"]]', columns(13) + "]").replace("{ m = ", "{ c0 = ")
    text = text.replace('["n", "数"], ["m", "额"], ["k", "总", "n + m"]', columns(11))
    with pytest.raises(FormError, match="各块分别有 11、13 列"):
        made(text.replace("{ n = ", "{ c1 = "))


# The official form.


def official() -> Form:
    return declaration.load(NAME)


def test_the_official_form() -> None:
    form = official()
    assert NAME in declaration.available()
    assert (form.name, form.authority, form.years) == (
        NAME,
        "国办公开办函〔2021〕30号",
        (2021, 9999),
    )
    assert [(p.part, p.title) for p in form.parts] == [
        ("一", "一、总体情况"),
        ("二", "二、主动公开政府信息情况"),
        ("三", "三、收到和处理政府信息公开申请情况"),
        ("四", "四、政府信息公开行政复议、行政诉讼情况"),
        ("五", "五、存在的主要问题及改进情况"),
        ("六", "六、其他需要报告的事项"),
    ]
    assert len(form.items) == 200
    assert [i.index for i in form.items] == list(range(200))
    assert len({i.name for i in form.items}) == 200
    assert all(form.items[form.by_name[i.name]] is i for i in form.items)
    assert sum(i.formula is not None for i in form.items) == 34
    assert [i.name for i in form.items if i.type is ItemType.AMOUNT] == ["t2.fees.charged"]
    assert len(form.texts) == 7
    assert Counter(i.rule.code for i in form.instances) == {
        "T3-01": 7, "T3-02": 7, "T3-03": 25, "T4-01": 1, "T4-02": 1, "T4-03": 1,
        "Y-01": 7, "Y-02": 2, "T2-01": 3,
    }  # fmt: skip
    assert [i.index for i in form.instances] == list(range(54))
    queries = {r.code for r in form.rules if r.severity is Severity.QUERY}
    assert queries == {"Y-01", "Y-02", "T2-01"}


def names(form: Form, numbers: tuple[int, ...]) -> list[str]:
    return [form.items[i].name for i in numbers]


def test_the_rules_of_the_official_form_name_their_cells() -> None:
    form = official()
    at = {(i.rule.code, i.line): i for i in form.instances}
    balance = at["T3-01", "legal"]
    assert names(form, balance.cells) == [
        "t3.received.legal", "t3.carried_in.legal", "t3.closed.legal", "t3.carried_out.legal",
    ]  # fmt: skip
    assert len(balance.leaves) == 2 + 21 + 1
    assert len(at["T3-01", "total"].leaves) == 24 * 6
    # KeyPath （七）总计 meets 总计 the row's formula stands, and the column's is the check.
    corner = form.items[form.by_name["t3.closed.total"]].formula
    assert corner is not None
    assert form.items[corner.operands[0].item].name == "t3.granted.total"
    assert len(corner.operands) == 21
    check = at["T3-03", "closed"]
    assert names(form, check.cells)[:2] == ["t3.closed.total", "t3.closed.natural"]
    year = at["Y-02", "normative"]
    assert [(form.items[o.item].name, o.sign, o.prior) for o in year.right.operands] == [
        ("t2.normative.in_force", 1, True),
        ("t2.normative.issued", 1, False),
        ("t2.normative.repealed", -1, False),
    ]
    assert names(form, year.cells)[0] == "t2.normative.in_force"
    assert names(form, form.priors) == [
        "t2.regulations.in_force", "t2.normative.in_force",
        *(f"t3.carried_out.{c}" for c in
          ("natural", "business", "research", "welfare", "legal", "others", "total")),
    ]  # fmt: skip
    assert {form.items[a].name: form.items[b].name for a, b in form.carried.items()} == {
        f"t3.carried_in.{c}": f"t3.carried_out.{c}"
        for c in ("natural", "business", "research", "welfare", "legal", "others")
    }


def test_no_rule_has_a_code_of_the_catalogue() -> None:
    assert not {rule.code for rule in official().rules} & catalogue().keys()


# Anything at all.


def outcome(text: str) -> None:
    """Either a form that can be laid out, or one error that points into the text."""
    try:
        form = made(text)
    except FormError as error:
        lines = text.replace("\r\n", "\n").split("\n")
        assert 1 <= error.line <= len(lines)
        assert error.source == lines[error.line - 1]
        assert 1 <= error.column <= len(error.source) + 1
        assert error.message
        assert str(error)
    else:
        layout = lay_out(form)
        assert len(set(layout.addresses)) == len(form.items)


PIECES = [
    *dict.fromkeys(re.findall(r"[A-Za-z0-9_-]+|[^\sA-Za-z0-9_-]", OFFICIAL)),
    "\n", " ", '"""', "[[", "]]", "1.5", "2020-01-01", "nan", "true", "{}", "[]", "prior.",
]  # fmt: skip
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES) | st.text(max_size=4))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([OFFICIAL, SMALL, BLOCKS]), st.lists(EDIT, min_size=1, max_size=4))
def test_any_change_of_a_form_file_gives_a_form_or_one_error(
    text: str, edits: list[tuple[float, int, str]]
) -> None:
    for where, length, piece in edits:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    outcome(text)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([OFFICIAL, SMALL, BLOCKS]), st.tuples(st.floats(0, 1), st.floats(0, 1)),
       st.sampled_from(["lines", "words"]), st.booleans())  # fmt: skip
def test_lines_and_words_in_other_places_give_a_form_or_one_error(
    text: str, spots: tuple[float, float], unit: str, drop: bool
) -> None:
    parts = text.split("\n") if unit == "lines" else re.split(r"(\W+)", text)
    a, b = (min(int(s * len(parts)), len(parts) - 1) for s in spots)
    if drop:
        del parts[a]
    else:
        parts[a], parts[b] = parts[b], parts[a]
    outcome(("\n" if unit == "lines" else "").join(parts))


VALUE: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["a", "", "count", "a + b", "x > y", 1, True, 0.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abt"), inner),
    max_leaves=5,
)  # fmt: skip


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)


SETTING = re.compile(r"^([\w-]+) = (?:\[\n(?:.*\n)*?\]|.*)$", re.MULTILINE)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([OFFICIAL, SMALL, BLOCKS]), st.integers(0, 40), VALUE)
def test_values_of_other_kinds_give_a_form_or_one_error(text: str, which: int, value: Any) -> None:
    found = list(SETTING.finditer(text))
    one = found[which % len(found)]
    outcome(text[: one.start()] + f"{one[1]} = {as_toml(value)}" + text[one.end() :])


# Positions: whatever the file says stands where they say.


def strings(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(inner, (*path, key))


ODD = '''
a.b = "x" # "no"
"q.r".s = 'y\\'
c = [ # [
  """
two
lines""", {d = "e", "f g" = ['#', "]"]}, 1, 2020-01-01 07:32:00, [[]], {},
]
[h.i]
j = """k"""
[[m]]
n = "1"
[[m]]
n = "2"
[m.o]
p = "q\\"r"
[[m.s]]
t = "deep"
[[m.s]]
t = \'\'\'raw \'q\'\'\'
'''


@pytest.mark.parametrize("text", [OFFICIAL, SMALL, BLOCKS, ODD])
def test_positions_are_those_of_the_values(text: str) -> None:
    found = positions(text)
    data = tomllib.loads(text)
    seen = list(strings(data))
    assert seen
    for path, value in seen:
        start = found.values[path]
        if path in found.exact:
            assert text[start : start + len(value)] == value
        else:
            assert "\\" in text[start : start + 2 * len(value)]
        if isinstance(path[-1], str):
            at = found.keys[path]
            assert text[at : at + 9].lstrip("\"'").startswith(path[-1][:3])


@example("a = 1\n[b]\nc = 'x'\n")
@given(st.text(alphabet="ab=[]{}\"'.,#\\ \n1表", max_size=40))
def test_positions_are_found_in_all_toml(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = positions(text)
    for path, value in strings(data):
        if path in found.exact:
            assert text[found.values[path] :].startswith(value)


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        ('"a + b"', '"a + al"', ""),  # two letters are like nothing in particular
        ('["all", "总计", "a + b"]', '["women", "女"], ["all", "总计", "a + b + womn"]', "women"),
        ('"t.in == t.sum"', '"t.in == t.summ"', "sum"),
        ('types = { b = "amount" }', 'types = { b = "ammount" }', "amount"),
        ("rows = [", "row = [", "rows"),
        ('["工作机构"]', '["工作机构 "]', "工作机构"),
        ('["fatal", "t.sum"', '["fatel", "t.sum"', "fatal"),
        ('title = "小表"', 'title = "小表"\nsigner = []', "signers"),
    ],
)
def test_a_name_that_is_nearly_known_is_asked_about(old: str, new: str, asked: str) -> None:
    with pytest.raises(FormError) as caught:
        made(SMALL.replace(old, new, 1))
    assert caught.value.message.endswith(f"，是否为 {asked}？") or not asked


@pytest.mark.parametrize(
    "text", ["a", "a = ", "a = {b = 1", "[[a]", "a = 'b", "＝", "a = 1 2", "a.b=1\na=2"]
)
def test_what_the_reader_of_toml_says_is_put_in_chinese(text: str) -> None:
    with pytest.raises(FormError) as caught:
        made(text)
    assert not re.search("[A-Za-z]{4,}", caught.value.message), caught.value.message
