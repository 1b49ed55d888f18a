"""The README is a session that runs: each command in it answers what is printed there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = Path(sys.executable).with_name("xltools")


def session() -> list[tuple[str, list[str]]]:
    """Commands of the console blocks with the lines printed under them."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def test_the_readme_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    (tmp_path / "有错的名录.csv").write_text(
        "单位名称,类别\n甲局,工作机构\n甲局,工作机构\n", "utf-8"
    )
    commands = session()
    assert len(commands) >= 6
    for command, printed in commands:
        words = command.split()
        assert words[0] == "xltools"
        done = subprocess.run(
            [PROGRAM, *words[1:]],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
            check=False,
        )
        assert "Traceback" not in done.stderr
        if printed:
            assert (done.stdout + done.stderr).splitlines()[: len(printed)] == printed, command
    assert (tmp_path / "汇总.xlsx").is_file()
    assert len(list((tmp_path / "outbox").glob("*.xlsx"))) == 14
