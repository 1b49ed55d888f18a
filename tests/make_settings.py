"""Make the table in docs/settings.md anew: ``python tests/make_settings.py``."""

from collections.abc import Iterator
from pathlib import Path

from xltools.settings.fields import SETTINGS
from xltools.settings.file import toml

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->"


def rows() -> Iterator[str]:
    """The rows of the table."""
    yield "| 设置 | 选项 | 环境变量 | 默认 | 新文件夹里 | 含义 / meaning |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for setting in SETTINGS.values():
        default = toml(setting.default) if setting.default not in (None, "", (), 0) else ""
        yield "| " + " | ".join((
            f"`{setting.name}`",
            f"`{setting.option}`",
            f"`{setting.variable}`",
            f"`{default}`" if default else "",
            f"`{toml(setting.initial)}`" if setting.initial else "",
            f"{setting.chinese} / {setting.english}",
        )) + " |"  # fmt: skip


def text(page: str) -> str:
    """The page with the table as it should be."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + "\n".join(rows()) + "\n" + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(text(PAGE.read_text("utf-8")), "utf-8", newline="\n")
