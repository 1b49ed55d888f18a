"""The commands ``cache``: where what was read of files is kept, and how to get rid of it."""

import typer

from xltools.cli.console import expected_errors, say

app = typer.Typer(
    help="留存的读取结果，使再次汇总更快。 / What was read of files before.", no_args_is_help=True
)


@app.command("dir")
def folder() -> None:
    """显示存放它的文件夹。 / Show the folder that it is in."""
    from xltools.inbox.shelf import shelf_folder

    say(str(shelf_folder()))


@app.command("clear")
def clear() -> None:
    """清空它：其中的姓名、电话、文字都删去。 / Remove all of it."""
    from xltools.inbox.shelf import clear as empty
    from xltools.inbox.shelf import shelf_folder

    with expected_errors():
        place = shelf_folder()
        say(f"已清空：{place}（删去 {empty(place)} 个文件的读取结果）。")
