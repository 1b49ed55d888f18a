"""``xltools form``: what forms there are, what is in one, whether a form file is right."""

from pathlib import Path
from typing import Annotated

import typer

from xltools.cli.console import expected_errors, say, write_json

app = typer.Typer(
    help="表式：列出、查看、检查。 / Declared forms: list, show, check.", no_args_is_help=True
)


@app.command("list")
def list_forms() -> None:
    """列出自带的表式。 / List the forms that come with xltools."""
    from xltools.declaration import available, load

    for name in available():
        form = load(name)
        say(f"{name}  {form.title}（{form.authority}）")


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="表式文件 / form file (TOML)")]) -> None:
    """检查一个表式文件。 / Check a form file."""
    from xltools.declaration import load
    from xltools.layout import lay_out

    with expected_errors():
        form = load(file)
        lay_out(form)
        computed = sum(i.formula is not None for i in form.items)
        say(
            f"{file}：正确。{form.name} {form.title}：{len(form.items)} 个数据项"
            f"（{computed} 个为合计），{len(form.texts)} 段文字，{len(form.instances)} 条勾稽关系。"
        )


@app.command("show")
def show(
    form: Annotated[str, typer.Argument(help="表式名称或文件 / name or file")],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """列出一个表式的全部数据项及其位置。 / Print every item of a form with its place."""
    from xltools.declaration import load
    from xltools.layout import lay_out
    from xltools.writers.report import items_of

    with expected_errors():
        data = items_of(lay_out(load(form)))
        if json:
            write_json(Path("-"), data)
            return
        for item in data["items"]:
            kind = "合计" if item["kind"] == "computed" else "填报"
            labels = " > ".join((*item["row"], *item["column"]))
            say(f"{item['sheet']}!{item['cell']:<5} {kind} {item['item']:<28} {labels}")
