"""What the reader of TOML says is wrong, in the words of the people who write forms."""

import re
from typing import Final

_SAID: Final = (
    (r"Expected '=' after a key.*", "键的后面要有等号 ="),
    (r"Expected ('\]+') at the end of (?:a table|an array) declaration", r"这一行末尾要有 \1"),
    (r"Expected newline or end of document.*", "这一项已经写完，后面多了字；每项各占一行"),
    (r"Expected (.+)", r"这里应当是 \1"),
    (r"Cannot declare .* twice", "这一部分写了两次"),
    (r"Cannot (?:overwrite a value|redefine.*|mutate.*)", "同一个键写了两次"),
    (r"Duplicate inline table key (.+)", r"花括号里的 \1 写了两次"),
    (r"Unclosed array", "方括号没有收尾 ]"),
    (r"Unclosed inline table", "花括号没有收尾 }"),
    (r"Unterminated string", "引号没有收尾"),
    (r"Illegal character '\\[nr].*", "这一行的引号没有收尾"),
    (r"(?:Illegal|Found invalid) character (.+)", r"不能用的字符 \1；符号一律用英文半角"),
    (r"Invalid initial character for a key part", "键用字母、数字和 _，符号一律用英文半角"),
    (r"Invalid statement", "这一行写法不对：应是 [代号]，或 键 = 值；符号一律用英文半角"),
    (r"Invalid value", "等号后面的写法不对：文字要加英文半角的引号"),
    (r"Unescaped '\\\\' in a string", r"引号里的 \\ 要写两个"),
)


def toml_error(message: str) -> str:
    """A message of `tomllib`, without its place, in Chinese; quoted where it is not known."""
    for pattern, words in _SAID:
        found = re.fullmatch(pattern, message, re.S)
        if found:
            return found.expand(words)
    return f"不合 TOML 的写法（{message}）"
