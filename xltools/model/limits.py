"""Limits on what reading a file may cost. No genuine file seen so far exceeds them; each has a
default that can be changed.

They are set for a process or context by ``use`` and need not be passed to every reader.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from typing import Final, Self

from xltools.model.errors import ReadError, XltoolsError
from xltools.model.wording import Phrase, Value

MB: Final = 1 << 20


def _setting(default: int, meaning: str, unit: str = "") -> int:
    """A field of `Limits` with its default, and its meaning and unit for people."""
    setting: int = field(default=default, metadata={"meaning": meaning, "unit": unit})
    return setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All limits. The unit of each is in its field: MB are 2^20 bytes, KB 2^10 bytes, times are in
    seconds.
    """

    file_size: int = _setting(50, "一个文件的大小", "MB")
    entries: int = _setting(5_000, "一个压缩结构（如 .xlsx、.zip）内的项数", "项")
    unpacked: int = _setting(500, "一个文件解压后的总大小，连同其中各层", "MB")
    part: int = _setting(250, "压缩结构内一项解压后的大小", "MB")
    ratio: int = _setting(200, "10 MB 以上的一项解压前后的比", "倍")
    depth: int = _setting(3, "压缩包套压缩包的层数（邮件另计）", "层")
    members: int = _setting(2_000, "一个压缩包或邮箱里，连同各层的文件数", "个")
    mail_parts: int = _setting(500, "一封邮件的部分数", "个")
    mail_depth: int = _setting(50, "邮件的部分套部分的层数", "层")
    mail_headers: int = _setting(200, "一封邮件的信头大小", "KB")
    pages: int = _setting(200, "一个 PDF 文件的页数", "页")
    cells: int = _setting(5_000_000, "一张工作表的范围（行数乘列数）", "格")
    seconds: int = _setting(60, "读取一个文件的时间", "秒")
    memory: int = _setting(2_048, "读取进程的内存", "MB")
    failures: int = _setting(5, "同一压缩包内使读取进程超时或终止的文件数", "个")

    @classmethod
    def named(cls) -> dict[str, tuple[int, str, str]]:
        """All limits by the names that options of the commands use: the default, the unit and the
        meaning of each.
        """
        return {
            f.name.replace("_", "-"): (f.default, f.metadata["unit"], f.metadata["meaning"])
            for f in fields(cls)
            if isinstance(f.default, int)
        }

    @classmethod
    def given(cls, settings: list[str]) -> Self:
        """The default limits with some of them changed. ``settings``: each as ``name=value``.
        Raises LimitsError for an unknown name or a value that is not a positive integer.
        """
        names, values = cls.named(), dict[str, int]()
        for setting in settings:
            name, _, value = (part.strip() for part in setting.partition("="))
            if name not in names:
                raise LimitsError(f"没有“{name}”这一项限制；可设的有：{'、'.join(names)}。")
            if not (value.isascii() and value.isdecimal() and 0 < int(value) < 10**9):
                raise LimitsError(f"{setting}：请写成 {name}=正整数，单位是{names[name][1]}。")
            values[name.replace("-", "_")] = int(value)
        return replace(cls(), **values)


class LimitsError(XltoolsError):
    """A limit was to be set that does not exist, or to a value that it cannot have."""


_used: ContextVar[Limits] = ContextVar("limits", default=Limits())  # noqa: B039 # it is frozen


def limits() -> Limits:
    """The limits that are in force in this process or context."""
    return _used.get()


def use(chosen: Limits) -> None:
    """Put these limits in force for this process or context, until the next call."""
    _used.set(chosen)


@contextmanager
def within(chosen: Limits) -> Iterator[None]:
    """These limits are in force in a ``with`` block, and the former ones again after it."""
    before = _used.set(chosen)
    try:
        yield
    finally:
        _used.reset(before)


def over(setting: str, problem: Value, held: Limits | None = None) -> ReadError:
    """Make the ReadError for a file that exceeds a limit, with the code F-05.

    ``setting``: the name of the limit as options of the commands use it; ``problem``: what was
    counted or measured in the file; ``held``: the limits to quote, by default those in force.
    """
    value = getattr(held or limits(), setting.replace("-", "_"))
    unit = Limits.named()[setting][1]
    return ReadError("F-05", Phrase.OVER_LIMIT(problem, value, unit, setting))
