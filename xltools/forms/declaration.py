"""TOML to Form. Whatever is wrong with a form file is one SpecError with its place."""

from importlib.resources import files
from pathlib import Path

from xltools.forms.amounts import weighed
from xltools.forms.parts import Parts
from xltools.forms.prose import prose
from xltools.forms.report import report
from xltools.forms.resolve import Index
from xltools.forms.rules import all_instances, rules, totals
from xltools.forms.source import Source
from xltools.model.errors import SpecError, refusal
from xltools.model.form import Form

__all__ = ["available", "load", "read"]


def available() -> tuple[str, ...]:
    """Names of the forms that come with xltools."""
    folder = files("xltools.forms")
    return tuple(sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".toml")))


def load(form: str | Path) -> Form:
    """A form by its name (``zfxxgk-2021``) or the path of its TOML file. Raises SpecError."""
    name = str(form)
    if name in available():
        text = (files("xltools.forms") / f"{name}.toml").read_text("utf-8")
        return read(text, Path(f"{name}.toml"))
    path = Path(form)
    try:
        return read(path.read_bytes().decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise SpecError(
            f"不是 UTF-8 编码的文本（第 {error.start} 字节起）；请用记事本另存为，编码选 UTF-8",
            path=path,
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        hint = f"；自带的表式有：{'、'.join(available())}。"
        said = refusal(error) if isinstance(error, OSError) else str(error)
        raise SpecError(f"{said}{hint}", path=path) from None


def read(text: str, path: Path) -> Form:
    """A form from the text of its file; ``path`` is for messages. Raises SpecError."""
    source = Source(text, path)
    made = Parts(source)
    items = totals(source, Index.of(made.items, made.parts), made.formulas)
    index = Index.of(items, made.parts)
    items = weighed(source, index)
    declared = rules(source)
    head = made.head
    return Form(
        name=f"{head['form']}-{head['edition']}",
        form=head["form"],
        edition=head["edition"],
        title=head["title"],
        short=head["short"],
        authority=head["authority"],
        years=made.years,
        signers=made.signers,
        called=made.called,
        parts=made.parts,
        items=items,
        rules=tuple(one.rule for one in declared),
        instances=tuple(all_instances(source, declared, index)),
        by_name={item.name: item.index for item in items},
        prose=prose(source, index, made.parts),
        report=report(source, index, made.parts),
    )
