"""``xltools rules``: every code that a finding can have."""

from pathlib import Path

from xltools.cli.console import expected_errors, say, write_json
from xltools.cli.options import FORM, FormOption, JsonFlag


def rules(
    form: FormOption = FORM,
    json: JsonFlag = False,
) -> None:
    """列出全部问题编码：性质、含义、怎样处理。 / Print every code with its remedy."""
    from xltools.forms.declaration import load
    from xltools.output.catalogue import data, lines

    with expected_errors():
        declared = load(form)
        if json:
            write_json(Path("-"), data(declared))
            return
        for line in lines(declared):
            say(line)
