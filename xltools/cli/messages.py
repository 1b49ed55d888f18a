"""What the parser of options has to say, in the words of the users."""

import re
from collections.abc import Callable

_Say = Callable[[re.Match[str]], str]
_PARSER: tuple[tuple[str, _Say], ...] = (
    (r"Missing option '(.+?)'", lambda m: f"缺少选项 {m[1]}。"),
    (r"Missing argument '(.+?)'", lambda m: f"缺少 {m[1]}。"),
    (r"No such command '(.+?)'", lambda m: f"没有 {m[1]} 这个命令。"),
    (r"No such option: (\S+)", lambda m: f"没有 {m[1]} 这个选项。"),
    (r"Option '(.+?)' requires an argument", lambda m: f"选项 {m[1]} 后面没有写值。"),
    (r"Option '(.+?)' does not take a value", lambda m: f"选项 {m[1]} 后面不写值。"),
    (
        r"Got unexpected extra arguments? ?(?:\(s\) )?\((.+)\)",
        lambda m: f"多出了 {m[1]}；名称里有空格的，请加引号。",
    ),
    (
        r"Invalid value for '(.+?)': .*greater than or equal to (\S+)",
        lambda m: f"{m[1]} 不能小于 {m[2]}。",
    ),
    (
        r"Invalid value for '(.+?)': .*less than or equal to (\S+)",
        lambda m: f"{m[1]} 不能大于 {m[2]}。",
    ),
    (
        r"Invalid value for '(.+?)': .*not in the range (\S+?)\.?$",
        lambda m: f"{m[1]} 应在这个范围内：{m[2]}。",
    ),
    (r"Invalid value for '(.+?)': .*integer", lambda m: f"{m[1]} 后面要写整数。"),
    (r"Invalid value for '(.+?)'", lambda m: f"{m[1]} 的值不对。"),
)


def of_parser(message: str) -> str:
    """What is wrong with the options given; the parser's own words where it says something new."""
    for pattern, say in _PARSER:
        if found := re.search(pattern, message, re.DOTALL):
            return say(found)
    return message
