"""The chat in this terminal, driven through all that shows text of a person or a model; run by a test in a pty."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

from textual.events import Paste
from textual.pilot import Pilot

from assistant.settings import SettingsFile
from assistant.tui.app import AssistantApp
from assistant.tui.prompt import Prompt
from tests import fake
from tests.reliability.hostile import SEEN, TEXTS


def main(folder: Path) -> int:
    """Open a chat whose person, title, messages, replies, settings and model are hostile, and look at all of it."""
    engine = fake.FakeEngine("\n\n".join(TEXTS))
    chat = fake.chat(folder, engine)
    with chat.workspace.store.database.transaction() as session:
        connection = session.connection()
        connection.exec_driver_sql("UPDATE user SET name = ?", (f"Mal\u202elory\x1b]0;{SEEN}\x07",))
    chat.switch_user("ann")
    for text in TEXTS:
        chat.conversation = None
        chat.look()
        chat.ask(text)
        assert chat.conversation is not None
        with chat.workspace.store.database.transaction() as session:
            change = "UPDATE conversation SET title = ? WHERE id = ?"
            session.connection().exec_driver_sql(change, (text, chat.conversation.id))
    (folder / "settings.toml").write_text(f'"\\u001b]0;{SEEN}\\u0007" = 1\nmodel = "\\u001b]0;{SEEN}\\u0007"\n')
    chat.resume()
    app = AssistantApp(chat, ESCAPED_NOTICE, SettingsFile(folder / "settings.toml"))

    chance = random.Random(1)

    async def look(pilot: Pilot[Any]) -> None:
        async def press(*keys: str) -> None:
            for key in keys:
                await pilot.press(key)
                await pilot.pause()

        async def say(text: str) -> None:
            app.query_one(Prompt).text = text
            await press("enter")
            while app.writing:
                await asyncio.sleep(0.02)

        await pilot.pause()
        await say("\n".join(TEXTS))
        engine.script = TEXTS[0]
        await press("pageup", "pageup", "up", "up", "ctrl+t", "escape", "ctrl+t")
        prompt = app.query_one(Prompt)
        prompt.text = ""
        for text in TEXTS:
            prompt.post_message(Paste(text))
            prompt.insert(text)
            await pilot.pause()
        prompt.text = ""
        for text in TEXTS:
            await say(
                f"/{chance.choice(('', 'voice ', 'rename ', 'open ', 'user ', 'search '))}{text}".replace("\n", " ")
            )
        await press("escape")
        await say("once more")
        for line in (
            "/copy",
            f"/search {SEEN}",
            "/sessions",
            "/users",
            "/help",
            "/copy",
            "/copy all",
            "/open ",
            "/user ",
        ):
            await say(line)
            await press("escape")
        await press("f12", "ctrl+o", "r", "escape", "d", "u", "escape", "ctrl+s")
        for text in TEXTS:
            if app.focused is not None:
                app.focused.post_message(Paste(text))
            await pilot.pause()
        await press(*SEEN, "escape", "f10", "pagedown", "escape", "f1", "ctrl+p")
        if app.focused is not None:
            app.focused.post_message(Paste(TEXTS[0]))
        await pilot.pause()
        await press("escape")
        app.exit(0)

    app.run(auto_pilot=look)
    chat.host.close()
    return app.return_code or 0


ESCAPED_NOTICE = f"\x1b]0;{SEEN}\x07 a notice"

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
