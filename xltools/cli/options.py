"""What several commands take, declared once."""

from pathlib import Path
from typing import Annotated, Final

import typer

FORM: Final = "zfxxgk-2021"
VARIABLE: Final = "XLTOOLS_FORM"

FormOption = Annotated[
    str, typer.Option("--form", envvar=VARIABLE, help="表式名称或文件 / form name or file")
]
InboxArgument = Annotated[Path, typer.Argument(help="收件夹 / folder of what came in")]
YearOption = Annotated[
    int, typer.Option("--year", help="报告年度；默认按多数报表的年度", show_default=False)
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--previous", help="上年汇总表、上年数据表，或存放上年各单位报表的文件夹"),
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="写出 JSON（- 为标准输出）")]
JsonFlag = Annotated[bool, typer.Option("--json", help="输出 JSON")]
PasswordOption = Annotated[
    list[str] | None, typer.Option("--password", help="报表的打开密码，可多次")
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option("--limit", metavar="NAME=N", help="放宽一项限制，如 file-size=100，可多次"),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="读取进程数")]
