"""The real model without a network: nothing is asked of it, and nothing is missed where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import locations
from tests.reliability.test_privacy_files import SECRET, open_to_others, watched

pytestmark = pytest.mark.model
TALK = f"Say hello. {SECRET}\n/more formal\n/good\n/delete\n/quit\n"


def alone() -> bool:
    """Whether this machine lets us make a network namespace without interfaces."""
    tool = shutil.which("unshare")
    return tool is not None and subprocess.run([tool, "-n", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["ask", "Say hello.", "--user", "ann", "--max-tokens", "8", "--json"], ""),
        (["--plain", "--user", "ann"], TALK),
        (["doctor"], ""),
    ],
    ids=["ask", "chat", "doctor"],
)
def test_nothing_is_asked_of_the_network_nor_written_elsewhere(
    tmp_path: Path, arguments: list[str], stdin: str
) -> None:
    found = watched(tmp_path, *arguments, stdin=stdin, ASSISTANT_CACHE=str(locations.cache()), HF_HUB_OFFLINE="0")
    assert found["code"] == 0, found["err"]
    assert (found["asked"], found["written"]) == ([], [])
    assert found["count"] > 0
    assert open_to_others(tmp_path / "home") == []
    logs = [path.read_text() for path in (tmp_path / "home").glob("*.log")]
    assert not any(SECRET in text for text in logs)


@pytest.mark.skipif(not alone(), reason="needs the right to make a network namespace (unshare -n)")
@pytest.mark.parametrize(
    ("arguments", "stdin"), [(["ask", "Say hello.", "--max-tokens", "8"], ""), (["--plain", "--user", "ann"], TALK)]
)
def test_it_talks_where_there_is_no_network_at_all(arguments: list[str], stdin: str) -> None:
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "assistant", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        env={**os.environ, "HF_HUB_OFFLINE": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 10
    assert done.stderr == ""
