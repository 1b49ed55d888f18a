"""``xltools rules``: every code that a finding can have."""

from pathlib import Path
from typing import Annotated

import typer

from xltools.cli.console import expected_errors, say, write_json
from xltools.cli.outgoing import FORM, FormOption


def rules(
    form: FormOption = FORM,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """列出全部问题编码：性质、含义、怎样处理。 / Print every code with its remedy."""
    from xltools.declaration import load
    from xltools.writers.catalogue import data, lines

    with expected_errors():
        declared = load(form)
        if json:
            write_json(Path("-"), data(declared))
            return
        for line in lines(declared):
            say(line)
