"""The rooms are those of docs/architecture.md, and no module knows itself by way of others."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "xltools"
DOCUMENT = ROOT / "docs" / "architecture.md"


def modules() -> dict[str, Path]:
    """Every module by its name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in PACKAGE.rglob("*.py")
    }


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """What a module imports of ours: within functions and for its types too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                names.add(full if full in known else node.module)
    return names


def test_rooms_are_those_of_the_document() -> None:
    table = DOCUMENT.read_text("utf-8").split("## The rooms")[1].split("\n## ")[0]
    named = re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    rooms |= {path.name for path in PACKAGE.glob("[a-z]*.py")}
    assert set(named) == rooms
    assert len(named) == len(rooms)


def test_modules_of_the_document_are_there() -> None:
    text = DOCUMENT.read_text("utf-8")
    table = text.split("## The rooms")[1].split("\n## ")[0]
    for room, words in re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE):
        own = {path.stem for path in (PACKAGE / room).iterdir()}
        for name in re.findall(r"`([\w/.]+)`", words):
            assert name.rstrip("/").removesuffix(".toml") in own, f"{room}: {name}"
    for path in re.findall(r"`((?:\w+/)+\w+\.(?:py|toml))`", text):
        assert (ROOT / path).exists() or (PACKAGE / path).exists(), path


def test_no_circles() -> None:
    known = modules()
    left = {name: imports(path, known) - {name} for name, path in known.items()}
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    assert not left, sorted(left)


def test_tests_import_no_test_module() -> None:
    """What several of them need lives in tests/support, which knows none of them either."""
    tests = sorted((ROOT / "tests").rglob("*.py"))
    shared = {path.stem for path in tests if path.name.startswith(("test_", "conftest"))}
    importing = {
        path.name: modules & shared
        for path in tests
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and (modules := {getattr(node, "module", None), *(name.name for name in node.names)})
        & shared
    }
    assert importing == {}
