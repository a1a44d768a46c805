"""The screen as a whole, at three sizes and in two themes. UPDATE_SNAPSHOTS=1 draws the stored ones anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from assistant.settings import SettingsFile
from tests.tui.pictures import scene, still, talk
from tests.tui.screen import opened

FOLDER = Path(__file__).parent / "snapshots"


def differing(wanted: str, found: str) -> str:
    """Return the texts of the lines that differ, for the message of a failure."""
    lines = [re.sub(r"<[^>]+>", " ", each).strip() for each in set(found.splitlines()) - set(wanted.splitlines())]
    return "\n".join(each for each in lines if each) or "colours or places differ"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [(60, 20), (110, 32), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_screen_looks_as_it_did(tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    SettingsFile().change(theme=theme)
    async with opened(scene(tmp_path), size) as screen:
        await talk(screen)
        await screen.type("/form")
        await screen.until(lambda: "/formality" in screen.drawn)
        found = await still(screen)
    path = FOLDER / f"{size[0]}x{size[1]}-{theme}.svg"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    wanted = path.read_text(encoding="utf-8")
    assert found == wanted, differing(wanted, found)
