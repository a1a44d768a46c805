from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_a_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    where = subprocess.run(
        [sys.executable, "-c", "import assistant; print(assistant.__file__)"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(site))
    for command, says in (
        (["adapters", "list"], "formality"),
        (["profile", "set", "--user", "ann", "--strength", "0.9"], "strength 0.9"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "assistant", *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert says in done.stdout
    assert (site / "assistant" / "tui" / "app.tcss").is_file()
    assert (site / "assistant" / "_migrations" / "versions").is_dir()
    assert (site / "assistant" / "_data" / "texts" / "formality.jsonl").is_file()


def test_what_starts_fast_imports_nothing_heavy() -> None:
    code = (
        "import sys, assistant.cli.app, assistant.tui.app\n"
        "heavy = {'torch', 'transformers', 'peft', 'sentence_transformers', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_command_line_starts_without_the_interface_or_the_database() -> None:
    code = (
        "import sys, assistant.cli.app\n"
        "early = {'textual', 'sqlmodel', 'sqlalchemy', 'alembic', 'rich'} & set(sys.modules)\n"
        "assert not early, early"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
