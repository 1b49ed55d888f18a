"""The command ``init``, which begins the folder of a year's work."""

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from xltools.cli.console import expected_errors, fail, say, warn
from xltools.cli.options import check_year, option, today
from xltools.cli.settled import shown
from xltools.settings.fields import FILE, FORM, SETTINGS

if TYPE_CHECKING:
    from xltools.model.form import Form
    from xltools.settings.fields import Settings
    from xltools.settings.folder import YearFolder

_SUMMER: Final = 7  # from this month on, the reports to come are those of the current year
_GOVERNMENT: Final = "人民政府"
_DISTRICTS: Final = ("省", "市", "区", "县", "旗", "州", "盟", "乡", "镇")

_Text = str | None


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="年度文件夹，没有就新建 / the year's folder")
    ],
    district: Annotated[_Text, option("district")] = None,
    year: Annotated[int | None, option("year")] = None,
    form: Annotated[_Text, option("form")] = None,
    deadline: Annotated[_Text, option("deadline")] = None,
    office: Annotated[_Text, option("office")] = None,
    contact: Annotated[_Text, option("contact")] = None,
    telephone: Annotated[_Text, option("telephone")] = None,
    address: Annotated[_Text, option("address")] = None,
    signature: Annotated[_Text, option("signature")] = None,
    previous: Annotated[_Text, option("previous")] = None,
) -> None:
    """建立一年的文件夹和设置；已有的一概不动。 / Begin the folder of a year's work.

    没有写明的逐项询问（直接按回车用方括号里的值）；不在终端上运行时不问。以后在这个文件夹里运行
    generate、collect、decide、reply、report 都不必再写选项。
    """
    from xltools.settings.folder import begin

    given = {
        "district": district, "year": year, "form": form, "deadline": deadline, "office": office,
        "contact": contact, "telephone": telephone, "address": address, "signature": signature,
        "previous": previous,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    with expected_errors():
        if folder.exists() and not folder.is_dir():
            fail(f"{folder} 是文件，请给出文件夹。")
        file = folder / FILE
        if file.exists():
            begun = begin(folder, {})
            changed = [n for n, v in given.items() if _checked(n, v) != getattr(begun.settings, n)]
            if changed:
                names = "、".join(changed)
                warn(f"{shown(file)} 已有，没有改动；{names} 请在这个文件里改（用记事本打开）。")
        else:
            begun = begin(folder, _values(folder, given))
        _tell(folder, begun)


def _values(folder: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a new folder: those given, then those asked for, then last year's."""
    from xltools.settings.folder import LASTING, figures_of, year_before

    values = {name: _checked(name, value) for name, value in given.items()}
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    now = today()
    usual = now.year if now.month >= _SUMMER else now.year - 1
    if "year" not in values:
        values["year"] = _asked("year", usual) if asks else usual
    before = year_before(folder, values["year"])
    if before is not None and "previous" not in values:
        values["previous"] = f"../{before.path.parent.name}" if before.path is not None else ""
    if "previous" in given:
        place = Path(given["previous"])
        if not place.exists():
            fail(f"--previous {place}：没有这个文件或文件夹。")
        figures_of(place)
        values["previous"] = _from(folder, place)
    former = {n: getattr(before, n) for n in LASTING} if before is not None else {"form": FORM}
    for name, setting in SETTINGS.items():
        if name in values or not (setting.asked or former.get(name)):
            continue
        usual_value = former.get(name, "")
        if name == "signature" and not usual_value:
            usual_value = values.get("office", "")
        values[name] = _asked(name, usual_value) if asks and setting.asked else usual_value
    if not values.get("agency") and values["district"].endswith(_DISTRICTS):
        values["agency"] = values["district"] + _GOVERNMENT
    check_year(_load_form(values["form"]), values["year"])
    if isinstance(values["deadline"], date) and values["deadline"] < now:
        warn(f"截止日期 {values['deadline']} 已经过去，请核对。")
    return values


def _load_form(name: str) -> "Form":
    """The form with a name or in a file. Raises ValueError where there is none."""
    from xltools.forms.declaration import load
    from xltools.model.errors import FormError

    try:
        return load(name)
    except FormError as error:
        raise ValueError(str(error)) from None


def _from(folder: Path, place: Path) -> str:
    """A path as the file of settings in ``folder`` has it."""
    import os

    try:
        return Path(os.path.relpath(place, folder)).as_posix()
    except ValueError:  # on another drive of Windows
        return str(place.absolute())


def _checked(name: str, value: Any) -> Any:
    """A value of a setting, given as text or number, as `Settings` has it. Exits with a message if
    it cannot be one.
    """
    try:
        return _read(name, value)
    except ValueError as error:
        fail(f"--{name} {value}：{error}")


def _read(name: str, value: Any) -> Any:
    """As `_checked`; raises ValueError with what is wrong."""
    if name == "year":
        if not str(value).strip().isdecimal():
            raise ValueError("请写年份，如 2025。")
        return int(value)
    text = " ".join(str(value).split())
    if name == "deadline":
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("请写成 2026-01-20 这样的日期。") from None
    if name == "form":
        _load_form(text)
    if name == "address" and text and "@" not in text:
        raise ValueError("邮箱地址里要有 @。")
    return text


def _asked(name: str, usual: Any) -> Any:
    """Ask for a setting on the terminal until the answer can be one. ``usual``: the answer of an
    empty line.
    """
    while True:
        question = SETTINGS[name].asked
        answer = typer.prompt(question, default=str(usual), show_default=bool(usual))
        try:
            return _read(name, answer)
        except ValueError as error:
            warn(str(error))


def _tell(folder: Path, begun: "YearFolder") -> None:
    """Say what was made, what was there already, and what to do next."""
    say(f"年度文件夹 {shown(folder)}（{_whose(begun.settings)}）")
    for title, paths in (("新建", begun.new), ("已有，未动", begun.kept)):
        if paths:
            names = "、".join(_name(path, folder) for path in paths)
            say(f"{title}：{names}")
    if begun.copied is not None:
        say(f"名录照抄上年的 {shown(begun.copied)}，请核对增减的单位。")
    roster = begun.settings.located("roster")
    say()
    say("接下来：")
    if isinstance(roster, Path):
        say(f"  1. 打开 {shown(roster)}，填好各单位。")
    where = shown(folder)
    say(f"  2. 在文件夹里运行（先 cd {where}）：" if where != "." else "  2. 在这里运行：")
    for command, does in _NEXT.items():
        say(f"     xltools {command:<10}{does(begun.settings)}")


_NEXT: Final[Mapping[str, Callable[["Settings"], str]]] = {
    "generate": lambda settings: f"给每个单位生成模板，在“{settings.outbox}”里",
    "collect": lambda settings: f"汇总“{settings.inbox}”里收到的报表，写成 {settings.summary}",
    "reply": lambda settings: f"写更正表和催报的邮件草稿，在“{settings.corrections}”里",
}


def _whose(settings: "Settings") -> str:
    """The district and the year of the settings."""
    return "，".join(part for part in (settings.district, f"{settings.year} 年度") if part)


def _name(path: Path, folder: Path) -> str:
    """A path from the year's folder; a folder ends in /."""
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    return f"{name}/" if path.is_dir() else name
