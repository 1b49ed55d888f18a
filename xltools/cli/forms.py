"""``xltools form``: what forms there are, what is in one, whether a form file is right."""

from pathlib import Path
from typing import Annotated

import typer

from xltools.cli.console import expected_errors, say, write_json
from xltools.cli.describe import counted, described
from xltools.cli.options import JsonFlag

app = typer.Typer(
    help="表式：列出、查看、检查。 / Declared forms: list, show, check.", no_args_is_help=True
)


@app.command("list")
def list_forms() -> None:
    """列出自带的表式。 / List the forms that come with xltools."""
    from xltools.forms.declaration import available, load

    for name in available():
        form = load(name)
        say(f"{name}  {form.title}（{form.authority}）")


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="表式文件 / form file (TOML)")]) -> None:
    """检查一个表式文件。 / Check a form file."""
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out

    with expected_errors():
        form = load(file)
        lay_out(form)
        say(f"{file}：正确。{form.name} {form.title}：{counted(form)}。")


@app.command("show")
def show(
    form: Annotated[str, typer.Argument(help="表式名称或文件 / name or file")],
    json: JsonFlag = False,
) -> None:
    """列出一个表式的全部数据项及其位置。 / Print every item of a form with its place."""
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.output.data import items_of

    with expected_errors():
        layout = lay_out(load(form))
        if json:
            write_json(Path("-"), items_of(layout))
            return
        for line in described(layout):
            say(line)
