"""The wheel in an environment of its own, as somebody who installs it has it."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent

PROGRAM = """
import xltools


def main() -> None:
    form: xltools.Form = xltools.load_form("zfxxgk-2021")
    with open("unit.xlsx", "wb") as file:
        file.write(xltools.build_template(form, "unit", 2025))
    ret: xltools.Return = xltools.read_return("unit.xlsx", form)
    findings: tuple[xltools.Finding, ...] = xltools.check(form, ret)
    print(ret.unit, len(ret.numbers), findings[0].severity is xltools.Severity.FATAL)
    try:
        ret.to_frame(form)
    except xltools.XltoolsError as error:
        print(error)


if __name__ == "__main__":
    main()
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_alone(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(*pip, "--python", python, "install", "--no-compile", wheel, cwd=tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    check = (sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir", "cache")
    run(*check, "--python-executable", python, "program.py", cwd=tmp_path)
    assert run(python, "-I", "program.py", cwd=tmp_path).splitlines() == [
        "unit 200 True",
        "to_frame() needs pandas: pip install 'xltools[pandas]'",
    ]
