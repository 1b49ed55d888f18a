"""The settings of a year's folder: the file, what commands take from it, and how it is begun."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

import make_settings
from support.commands import process, roster, text, xltools
from support.jobs import GOOD, filled
from xltools.ledgers.decisions_file import HEAD
from xltools.model.decisions import Columns
from xltools.model.errors import SettingsError
from xltools.settings.fields import FILE, SETTINGS, Settings
from xltools.settings.file import find, read, toml, written

SAMPLES = Path(__file__).parent.parent / "samples"


def settings(folder: Path, words: str, encoding: str = "utf-8") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(words.encode(encoding))
    return folder / FILE


@pytest.fixture
def year(tmp_path: Path) -> Path:
    """A year's folder with the samples in it."""
    done = xltools("init", "2023", "--district", "宿迁市", "--year", "2023", cwd=tmp_path)
    assert done.returncode == 0, text(done)
    folder = tmp_path / "2023"
    shutil.copyfile(SAMPLES / "roster.xlsx", folder / "名录.xlsx")
    shutil.copytree(SAMPLES / "inbox", folder / "收件", dirs_exist_ok=True)
    return folder


WRONG = (
    ("yaer = 2025", 1, "没有 'yaer' 这个设置，是否为 year？"),
    ("\nDISTRICT = 'a'", 1, "没有 'DISTRICT' 这个设置"),
    ("[year]\na = 1", 2, "'year' 写成整数"),
    ("year = 'x'", 9, "'year' 写成整数"),
    ("year = true", 8, "'year' 写成整数"),
    ("year = 25", 8, "报告年度应在 2000 至 2100 之间"),
    ("workers = -1", 11, "'workers' 不能小于 0"),
    ("deadline = '明天'", 13, "'deadline' 写成年-月-日"),
    ("deadline = 5", 12, "'deadline' 写成年-月-日"),
    ("district = 5", 12, "'district' 要写成加英文半角引号的文字"),
    ("district = '''a\nb'''", 15, "'district' 只写一行"),
    ("limit = 'pages=5'", 10, "'limit' 写成一列文字"),
    ("no_cache = 1", 12, "'no_cache' 写成 true 或 false"),
    ("lock_password = 'a'", 1, "密码不写在设置里"),
    ("district = “某区”", 12, "等号后面的写法不对"),
    ("year = 2025\nyear = 2026", 12, "同一个键写了两次"),
)


@pytest.mark.parametrize(("words", "column", "message"), WRONG)
def test_a_mistake_is_pointed_at(words: str, column: int, message: str, tmp_path: Path) -> None:
    file = settings(tmp_path, words)
    with pytest.raises(SettingsError) as caught:
        read(file)
    assert message in caught.value.message
    assert caught.value.column == column
    assert caught.value.source == words.splitlines()[caught.value.line - 1]
    assert str(caught.value).splitlines()[-1].endswith("^")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_of_notepad(encoding: str, tmp_path: Path) -> None:
    file = settings(tmp_path, 'district = "某某区"\r\nyear = 2025\r\n', encoding)
    assert read(file) == Settings(
        path=file, given=frozenset({"district", "year"}), district="某某区", year=2025
    )


def test_the_template_has_every_setting_and_is_read_back(tmp_path: Path) -> None:
    values = {
        "district": 'a"b\\c\td', "year": 2025, "deadline": date(2026, 1, 20), "no_cache": True,
        "limit": ("file-size=100", "pages=5"), "workers": 2, "previous": "C:\\上年\\汇总.xlsx",
    }  # fmt: skip
    file = settings(tmp_path, written(values))
    assert {name: getattr(read(file), name) for name in values} == values
    open_settings = settings(tmp_path, written({}))
    assert read(open_settings) == Settings(path=open_settings)
    lines = written({}).splitlines()
    assert [f"# {s.name} = {toml(s.default)}" in lines for s in SETTINGS.values()] == [True] * len(
        SETTINGS
    )
    uncommented = "\n".join(
        line.removeprefix("# ") for line in lines if " = " in line and "year = 0" not in line
    )
    assert read(settings(tmp_path, uncommented)) == Settings(
        path=file, given=frozenset(SETTINGS) - {"year"}
    )


def test_the_table_of_the_documents() -> None:
    page = make_settings.PAGE.read_text("utf-8")
    assert page == make_settings.text(page), "python tests/make_settings.py makes it anew"


def test_the_nearest_file_up_to_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    below = home / "work" / "2025" / "收件"
    below.mkdir(parents=True)
    monkeypatch.setattr(Path, "home", lambda: home)
    outside = settings(tmp_path, "")
    assert find(below) is None
    assert find(tmp_path / "elsewhere") == outside
    at_home = settings(home, "")
    assert find(below) == at_home
    nearest = settings(home / "work" / "2025", "")
    assert find(below) == nearest


def test_a_report_before_there_is_a_summary(year: Path) -> None:
    done = xltools("report", cwd=year)
    assert done.returncode == 2
    assert "还没有汇总表 汇总.xlsx：请先运行 xltools collect。" in text(done)


def test_commands_alone_do_the_right_thing(year: Path) -> None:
    done = xltools("generate", cwd=year)
    assert "写入 13 份模板" in text(done)
    assert "设置：xltools.toml（宿迁市，2023 年度）" in done.stderr.decode()
    assert (year / "下发" / "发放清单.xlsx").is_file()
    done = xltools("collect", cwd=year / "收件")
    assert done.returncode == 1
    assert "应报 13 个单位，已汇总 10 个" in text(done)
    assert "设置：../xltools.toml" in done.stderr.decode()
    done = xltools("decide", "--excuse", "市档案馆", "--reason", "撤并", cwd=year)
    assert (year / "决定" / "决定表.xlsx").is_file()
    done = xltools("collect", cwd=year)
    assert "采用决定表 决定/决定表.xlsx：1 条决定" in text(done)
    former = [path.name for path in (year / "以前的").iterdir()]
    assert len(former) == 1
    assert former[0].startswith("汇总_")
    assert f"原来的汇总表已改名保留：以前的/{former[0]}" in text(done)
    done = xltools("reply", cwd=year)
    assert len(list((year / "更正").glob("*.eml"))) == 4
    done = xltools("report", cwd=year)
    assert (year / "宿迁市人民政府2023年政府信息公开工作年度报告.docx").is_file()
    assert sorted(path.name for path in year.iterdir()) == sorted((
        *("xltools.toml", "名录.xlsx", "收件", "下发", "更正", "决定", "以前的", "汇总.xlsx"),
        "宿迁市人民政府2023年政府信息公开工作年度报告.docx",
    ))  # fmt: skip


def test_what_a_command_line_says_comes_first(year: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "2023 年度" in text(xltools("collect", "--out", "a.xlsx", cwd=year))
    monkeypatch.setenv("XLTOOLS_YEAR", "2022")
    monkeypatch.setenv("XLTOOLS_SUMMARY", "b.xlsx")
    assert "2022 年度" in text(xltools("collect", cwd=year))
    assert (year / "b.xlsx").is_file()
    assert not (year / "汇总.xlsx").exists()
    assert "2023 年度，共" in text(xltools("collect", "--year", "2023", cwd=year))
    monkeypatch.delenv("XLTOOLS_SUMMARY")
    shutil.copytree(SAMPLES / "inbox", year / "别的")
    assert "2023 年度，共收到 13" in text(xltools("collect", "别的", "--year", "2023", cwd=year))
    assert (year / "汇总.xlsx").is_file()


def test_a_faulty_file_stops_commands_but_not_help(year: Path) -> None:
    settings(year, "roster = '名录.xlsx'\ninbx = '收件'")
    done = xltools("collect", cwd=year)
    assert done.returncode == 2
    lines = text(done).splitlines()
    assert lines[0].endswith("xltools.toml:2:1: 没有 'inbx' 这个设置，是否为 inbox？")
    assert lines[1:] == ["  inbx = '收件'", "  ^"]
    for words in (("collect", "--help"), ("--help",), ("--version",), ("init", "--help")):
        assert xltools(*words, cwd=year).returncode == 0


def test_without_settings_nothing_changes(tmp_path: Path) -> None:
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    done = xltools("collect", "in", cwd=tmp_path)
    assert "设置" not in text(done)
    assert (tmp_path / "汇总.xlsx").is_file()


def test_init_changes_nothing_that_exists(year: Path) -> None:
    (year / "更正").rmdir()
    before = {path: path.read_bytes() for path in year.rglob("*") if path.is_file()}
    done = xltools("init", ".", "--year", "2024", "--district", "宿迁市", cwd=year)
    assert done.returncode == 0
    assert "xltools.toml 已有，没有改动；year 请在这个文件里改" in text(done)
    assert "新建：更正/" in text(done)
    assert {path: path.read_bytes() for path in year.rglob("*") if path.is_file()} == before
    assert (year / "更正").is_dir()


def test_init_never_waits_without_a_terminal(tmp_path: Path) -> None:
    done = process("init", "新年", cwd=tmp_path, XLTOOLS_TODAY="2025-12-20")
    assert done.returncode == 0
    assert read(tmp_path / "新年" / FILE).year == 2025
    done = process("init", "开年", cwd=tmp_path, XLTOOLS_TODAY="2026-01-05")
    assert read(tmp_path / "开年" / FILE).year == 2025


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--year", "1999"), "--year 1999：报告年度应在 2000 至 2100 之间"),
        (("--year", "二五"), "integer"),
        (("--deadline", "明天"), "--deadline 明天：请写成 2026-01-20 这样的日期"),
        (("--address", "abc"), "--address abc：邮箱地址里要有 @"),
        (("--form", "abc"), "--form abc：abc: 没有这个文件或文件夹"),
        (("--form", "zfxxgk-2019", "--year", "2023"), "zfxxgk-2019 用于"),
        (("--previous", "没有"), "--previous 没有：没有这个文件或文件夹"),
    ],
)
def test_init_refuses_what_cannot_be(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = xltools("init", "年", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in text(done) or "--year 后面要写整数" in text(done)
    assert not (tmp_path / "年" / FILE).exists()


def test_a_second_year_finds_the_first(year: Path) -> None:
    xltools("collect", cwd=year)
    (year / FILE).write_text(
        (year / FILE).read_text("utf-8").replace('# contact = ""', 'contact = "张三"'), "utf-8"
    )
    done = xltools("init", "2024", "--year", "2024", cwd=year.parent)
    assert "名录照抄上年的 2023/名录.xlsx" in text(done)
    later = year.parent / "2024"
    begun = read(later / FILE)
    assert (begun.previous, begun.district, begun.contact) == ("../2023", "宿迁市", "张三")
    assert (later / "名录.xlsx").read_bytes() == (year / "名录.xlsx").read_bytes()
    done = xltools("generate", cwd=later)
    assert "没有上年数据" not in text(done)
    done = xltools("report", "--previous", "../2023", year / "汇总.xlsx", cwd=later)
    assert "是 2023 年度的，--previous 却是 2023 年的数据" in text(done), "that of the folder"
    # Without a summary, last year's returns are read.
    (year / "汇总.xlsx").unlink()
    assert "没有上年数据" not in text(xltools("generate", cwd=later))
    shutil.rmtree(year / "收件")
    done = xltools("generate", cwd=later)
    assert done.returncode == 2
    assert "上年的文件夹 ../2023 里没有汇总表，也没有收到的报表" in text(done)


def test_decisions_beside_the_roster_are_found(year: Path) -> None:
    words = ("--excuse", "市档案馆", "--reason", "撤并")
    xltools("decide", "--decisions", "decisions.xlsx", *words, cwd=year)
    done = xltools("collect", cwd=year)
    assert "采用决定表 decisions.xlsx：1 条决定" in text(done)
    assert text(done).count("决定表还在名录旁边") == 1
    assert not (year / "决定" / "决定表.xlsx").exists()
    shutil.copyfile(year / "decisions.xlsx", year / "决定" / "决定表.xlsx")
    done = xltools("collect", cwd=year)
    assert done.returncode == 2
    assert "决定表有两份" in text(done)
    done = xltools("generate", cwd=year)
    assert done.returncode == 0, "it has nothing to do with decisions"


@pytest.mark.parametrize("command", ["collect", "decide", "reply"])
def test_what_is_replaced_does_not_go_into_the_inbox(command: str, year: Path) -> None:
    done = xltools(command, "--former", "收件/旧的", cwd=year)
    assert done.returncode == 2
    assert "--former 收件/旧的：收件夹里只放收到的文件" in text(done)
    assert not (year / "收件" / "旧的").exists()


@pytest.mark.parametrize("command", ["collect", "decide", "reply", "generate", "report"])
def test_a_file_is_no_folder_for_what_is_replaced(command: str, year: Path) -> None:
    xltools("collect", cwd=year)
    done = xltools(command, "--former", "xltools.toml", cwd=year)
    assert done.returncode == 2
    assert "--former xltools.toml：不是文件夹。" in text(done)


def test_decisions_carry_their_year(tmp_path: Path) -> None:
    roster(tmp_path / "r.csv", "甲局", "乙局", "丙局")
    filled(tmp_path / "in" / "甲.xlsx", "甲局", GOOD)
    common = ("in", "--roster", "r.csv")
    xltools("decide", *common, "--excuse", "乙局", "--excuse", "丙局", "--reason", "x",
            cwd=tmp_path)  # fmt: skip
    file = tmp_path / "decisions.xlsx"
    book = load_workbook(file)
    sheet = book[Columns.MADE]
    heads = {cell.value: cell.column or 0 for cell in sheet[HEAD]}
    assert [sheet.cell(row, heads[Columns.YEAR]).value for row in (HEAD + 1, HEAD + 2)] == [
        "2025",
        "2025",
    ]
    sheet.cell(HEAD + 1, heads[Columns.YEAR], "2024")
    sheet.cell(HEAD + 2, heads[Columns.YEAR]).value = None
    # The same decision for another year, further down, takes nothing from that of this year.
    for cell in sheet[HEAD + 2]:
        sheet.cell(HEAD + 3, cell.column or 0, cell.value)
    sheet.cell(HEAD + 3, heads[Columns.YEAR], "2023")
    book.save(file)
    done = xltools("collect", *common, cwd=tmp_path)
    assert "决定表中有 1 条没有写年度，按 2025 年度执行" in text(done)
    assert "决定表中有 2 条是别的年度的，没有执行" in text(done)
    assert "未报 1 个：乙局" in text(done)
    done = xltools("decide", *common, cwd=tmp_path)
    assert "乙局 无需报送：未用到：是 2024 年度的决定" in text(done)
    done = xltools("collect", *common, cwd=tmp_path)
    assert "没有写年度" not in text(done)
    sheet = load_workbook(file)[Columns.MADE]
    assert [sheet.cell(row, heads[Columns.YEAR]).value for row in (HEAD + 1, HEAD + 2)] == [
        "2024",
        "2025",
    ]


def test_a_form_of_ones_own_counts_from_the_folder(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "sangong", tmp_path / "三公")
    form = next((Path(SAMPLES).parent / "xltools" / "forms").glob("sangong*.toml"))
    shutil.copyfile(form, tmp_path / "三公" / "表.toml")
    settings(tmp_path / "三公", 'form = "表.toml"\ninbox = "inbox"\nyear = 2024\n')
    (tmp_path / "三公" / "below").mkdir()
    done = xltools("collect", "--out", "汇总.xlsx", cwd=tmp_path / "三公" / "below")
    assert done.returncode in (0, 1)
    assert "2024 年度，共收到" in text(done)
