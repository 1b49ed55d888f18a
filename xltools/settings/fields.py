"""The settings: each is declared here once, with its name, type, default, option, environment
variable and what it means in both languages. The file's template, the table in the documents, the
options of commands and the messages all come from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NewType

FILE: Final = "xltools.toml"
"""The name of the file of settings."""

FORM: Final = "zfxxgk-2021"
"""The form of commands that are given none."""

Place = NewType("Place", str)
"""A path on this machine, or an address such as ``s3://…``."""

_SETTING: Final = "setting"  # the key of a field's metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """How a setting is given. ``name``: its key in the file; ``option`` and ``variable``: the
    option of commands (behind the name of a command, where only that calls it so) and the
    environment variable, which come before the file; ``initial``: what a
    new year's folder has in its file, "" where it leaves the setting open; ``chinese`` and
    ``english``: what it means; ``asked``: the question of ``init``, "" where it asks nothing.

    ``type``: of the value in `Settings`; ``default``: what counts where it is not given.
    """

    name: str = ""
    option: str
    chinese: str
    english: str
    initial: str = ""
    asked: str = ""
    type: Any = str
    default: Any = ""

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"XLTOOLS_{self.name.upper()}"


def _setting(default: Any, option: str, chinese: str, english: str, **more: str) -> Any:
    """A field of `Settings`. ``more``: further fields of its `SettingField`."""
    setting = SettingField(option=option, chinese=chinese, english=english, **more)
    return field(default=default, metadata={_SETTING: setting})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a year's work. ``path``: the file that they were read from, None where there
    is none; ``given``: the names of those that the file has. Paths are as the file has them: they
    count from its folder, see `Settings.located`.
    """

    path: Path | None = None
    given: frozenset[str] = frozenset()

    district: str = _setting(
        "", "--district", "地区名称，如：某某区", "the district", asked="地区名称（如：某某区）"
    )
    year: int = _setting(0, "--year", "报告年度", "the year of the reports", asked="报告年度")
    form: str = _setting(
        FORM, "--form", "表式名称或表式文件", "the form: its name or its file",
        initial=FORM, asked="表式",
    )  # fmt: skip
    deadline: date | None = _setting(
        None, "--deadline", "各单位报送的截止日期，如 2026-01-20", "when the units must have sent",
        asked="报送截止日期（如 2026-01-20，可以留空）",
    )  # fmt: skip
    office: str = _setting(
        "", "--office", "收表的单位，如：某某区政务公开办公室", "the office that collects",
        asked="收表单位（可以留空）",
    )  # fmt: skip
    contact: str = _setting(
        "", "--contact", "联系人，填报中有问题时问谁", "whom to ask", asked="联系人（可以留空）"
    )
    telephone: str = _setting(
        "", "--telephone", "联系电话", "the telephone of the contact", asked="联系电话（可以留空）"
    )
    address: str = _setting(
        "", "--address", "报表发回的邮箱", "the mail address to return workbooks to",
        asked="报表发回的邮箱（可以留空）",
    )  # fmt: skip
    signature: str = _setting(
        "", "--signature", "邮件的落款；不写的用收表单位", "the signature of mails",
        asked="邮件落款（可以留空，即收表单位）",
    )  # fmt: skip
    agency: str = _setting(
        "", "report --unit", "本级年度报告上的行政机关全称，如：某某区人民政府",
        "the agency that the district's report is of",
    )  # fmt: skip
    roster: Place = _setting(
        Place(""),
        "--roster",
        "单位名录（.xlsx 或 .csv）",
        "the roster of units",
        initial="名录.xlsx",
    )
    inbox: Place = _setting(
        Place(""), "INBOX", "收件夹：收到的报表都存在这里", "the folder of what came in",
        initial="收件",
    )  # fmt: skip
    outbox: Place = _setting(
        Place("outbox"),
        "generate --out",
        "存放下发模板的文件夹",
        "the folder of templates",
        initial="下发",
    )
    corrections: Place = _setting(
        Place("corrections"), "reply --out", "存放更正表和邮件草稿的文件夹",
        "the folder of correction workbooks and drafts of mails", initial="更正",
    )  # fmt: skip
    summary: Place = _setting(
        Place("汇总.xlsx"), "collect --out", "汇总表", "the summary workbook",
        initial="汇总.xlsx",
    )  # fmt: skip
    decisions: Place = _setting(
        Place(""), "--decisions", "决定表：经办人的决定；不写的用名录旁的 decisions.xlsx",
        "the file of decisions", initial="决定/决定表.xlsx",
    )  # fmt: skip
    former: Place = _setting(
        Place(""), "--former", "被替换下来的旧汇总表、旧草稿等存到这里；不写的留在原处",
        "the folder of what was replaced", initial="以前的",
    )  # fmt: skip
    group: str = _setting(
        "", "--group", "按名录的哪一栏分组小计，如：类别、片区；不写的不分组",
        "the column of the roster by which figures are added up in groups", initial="类别",
    )  # fmt: skip
    previous: Place = _setting(
        Place(""), "--previous", "上年：上年的年度文件夹、汇总表、数据表，或各单位报表的文件夹",
        "last year: its folder, summary, table of figures, or folder of returns",
    )  # fmt: skip
    limit: tuple[str, ...] = _setting(
        (), "--limit", '放宽的限制，如 ["file-size=100"]', "limits of reading to be raised"
    )
    workers: int = _setting(
        0, "--workers", "读取进程数；不写的按机器自动确定", "how many processes read"
    )
    no_cache: bool = _setting(
        False, "--no-cache", "true：不留存读过的内容，也不用以前留存的",
        "true: keep nothing of what was read",
    )  # fmt: skip

    def located(self, name: str) -> Path | Place | None:
        """The path of a setting that is one, from the folder of the file; an address as it is. None
        where the setting is empty.
        """
        place: str = getattr(self, name)
        if not place:
            return None
        if "://" in place:
            return Place(place)
        home = self.path.parent if self.path is not None else Path()
        return home / Path(place).expanduser()


SETTINGS: Final[Mapping[str, SettingField]] = MappingProxyType({
    declared.name: replace(
        declared.metadata[_SETTING],
        name=declared.name,
        type=declared.type,
        default=declared.default,
    )
    for declared in fields(Settings)
    if _SETTING in declared.metadata
})  # fmt: skip
"""All settings by name, in the order of the file."""
