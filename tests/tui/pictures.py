"""Pictures of the chat on a scripted engine: for the snapshot tests, and for README and docs.

`python -m tests.tui.pictures docs/images` draws those of the docs.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from assistant.anchors.card import Card
from assistant.chat.session import Chat
from assistant.settings import SettingsFile
from assistant.style import Attribute
from assistant.tui.profile_row import AttributeRow
from tests import fake
from tests.tui.screen import Screen, opened

REPLY = """Trains are a *pleasant* way to travel:

- you can **read** on the way
- nobody asks you to drive

```python
def travel(by="train"):
    return f"Off we go by {by}!"
```"""
FIVE = (
    Attribute("simplicity", "complex", "simple"),
    Attribute("formality", "casual", "formal"),
    Attribute("politeness", "rude", "polite"),
    Attribute("sentiment", "negative", "positive"),
    Attribute("humor", "serious", "humorous"),
)


def scene(folder: Path, reply: str = REPLY) -> Chat:
    """Return a chat whose engine says one thing, in five attributes."""
    chat = fake.chat(folder, fake.FakeEngine(reply))
    card: Card = replace(chat.workspace.card, attributes=FIVE, model="SmolLM2-135M")
    chat.workspace = replace(chat.workspace, card=card)
    chat.learning = fake.Learning(chat.workspace, measure)
    chat.switch_user("robin")
    return chat


def measure(text: str) -> dict[str, float]:
    """Score every text alike."""
    return dict(zip((each.name for each in FIVE), (0.7, 0.35, 0.55, 0.9, 0.2), strict=True))


async def still(screen: Screen, title: str = "assistant") -> str:
    """Return what is on the screen as SVG that is the same each time."""
    screen.app._status.speed(0)
    for row in screen.app.query(AttributeRow):
        row.remove_class("moved")
    await screen.pilot.pause()
    svg = screen.app.export_screenshot(title=title, simplify=True)
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)
    return re.sub(r"@font-face \{.*?\}\n?\s*", "", svg, flags=re.DOTALL)


async def talk(screen: Screen) -> None:
    """Have a short conversation."""
    await screen.say("What do you think about trains?")
    await screen.answered()
    await screen.until(lambda: "◇ 0.35" in screen.drawn or not screen.app._panel.display)
    await screen.until(lambda: "● ready" in screen.drawn)


async def _drawn(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)

    async def keep(screen: Screen, name: str) -> None:
        (folder / f"{name}.svg").write_text(await still(screen), encoding="utf-8")

    for theme in ("dark", "light"):
        with tempfile.TemporaryDirectory() as home:
            os.environ["ASSISTANT_HOME"] = home
            SettingsFile().change(theme=theme)
            async with opened(scene(Path(home)), (112, 36)) as screen:
                await talk(screen)
                await screen.say("/more casual")
                await screen.until(lambda: "α    0.25" in screen.drawn)
                await keep(screen, f"chat-{theme}")
                if theme == "light":
                    continue
                await screen.say("/compare And ships?")
                await screen.answered(3)
                await screen.until(lambda: "Which do you like better?" in screen.drawn)
                await keep(screen, "compare")
                screen.app._file.path = Path("~/.config/assistant/settings.toml")  # as it is shown; nothing is written
                await screen.press("f10")
                await screen.until(lambda: "Esc closes" in screen.drawn)
                await keep(screen, "settings")


if __name__ == "__main__":
    asyncio.run(_drawn(Path(sys.argv[1])))
