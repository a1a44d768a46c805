"""Long conversations stay fluid: only what is near the screen has widgets, and these come a few at a time."""

from __future__ import annotations

import gc
import time
import weakref
from pathlib import Path

import pytest
from textual import events
from textual.css.stylesheet import Stylesheet

from assistant.chat.session import Chat
from assistant.store.tables import Message
from assistant.tui.entries import ReplyEntry
from assistant.tui.transcript import Transcript
from assistant.tui.window import AHEAD, KEEP
from tests import fake
from tests.tui.screen import Screen, opened

COUNT = 2000
QUICK = 0.4
"""Seconds from a key to its echo, at the 95th percentile, where other tests run on the same cores.

The promise itself is held by tests/real/test_latency.py.
"""
REPLY = """reply {} with **some** words and `code`, long enough to take more than a line of the column that it is in.

1. first
2. second
   - nested

```python
def travel(by="train"):
    return f"Off we go by {{by}}!"
```

| a | b |
|---|---|
| 1 | 2 |

> and a quote"""


def long_chat(folder: Path, count: int = COUNT) -> Chat:
    chat = fake.chat(folder)
    conversation = chat.workspace.store.conversations.create(chat.user.id)
    with chat.workspace.store.database.transaction() as session:
        session.add_all(
            Message(
                conversation_id=conversation.id,
                parent_id=number or None,  # the ids of a new database begin with 1
                role="assistant" if number % 2 else "user",
                content=REPLY.format(number) if number % 2 else f"question {number}",
            )
            for number in range(count)
        )
    assert chat.resume()
    return chat


def numbers(screen: Screen) -> list[int]:
    return [int(text.split()[1]) for text in screen.shown]


async def at_rest(screen: Screen, transcript: Transcript) -> None:
    """Wait until all that is wanted above and below the screen has been drawn."""
    await screen.pilot.pause()
    await screen.until(lambda: not transcript._growing)
    await screen.pilot.pause()


async def test_a_mount_styles_nothing_but_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    styled: list[object] = []
    apply = Stylesheet.apply

    def counting(sheet: Stylesheet, node: object, **more: object) -> None:
        styled.append(node)
        apply(sheet, node, **more)  # type: ignore[arg-type]

    def entry(number: int) -> ReplyEntry:
        return ReplyEntry(
            Message(id=number, conversation_id=1, role="assistant", content=REPLY.format(number), status="complete")
        )

    async with opened(fake.chat(tmp_path)) as screen:
        transcript = screen.app.query_one(Transcript)
        for number in range(3):
            await transcript.add(entry(number))
        await at_rest(screen, transcript)
        before = set(transcript.walk_children())
        monkeypatch.setattr(Stylesheet, "apply", counting)
        await transcript.add(entry(9))
        await at_rest(screen, transcript)
        assert styled
        assert not before.intersection(styled)


async def test_two_thousand_messages(tmp_path: Path) -> None:
    chat = long_chat(tmp_path)
    async with opened(chat) as screen:
        transcript = screen.app.query_one(Transcript)
        await screen.until(lambda: "and a quote" in screen.drawn)
        await at_rest(screen, transcript)
        highest = COUNT
        room = transcript.outer_size.height
        while highest > COUNT - 40:
            await screen.press("pageup")
            await at_rest(screen, transcript)
            assert transcript.virtual_size.height < (2 * KEEP + AHEAD + 1) * room
            assert transcript.scroll_y >= room
            found = numbers(screen)
            assert found == list(range(found[0], found[0] + len(found)))
            assert found[0] <= highest
            highest = found[0]
        assert found[-1] < COUNT - 1
        await screen.press(*"typing")
        assert screen.prompt.text == "typing"
        for _ in range(60):
            if f"reply {COUNT - 1}" in screen.shown[-1] and transcript.is_vertical_scroll_end:
                break
            await screen.press("pagedown")
            await at_rest(screen, transcript)
            assert transcript.virtual_size.height < (2 * KEEP + AHEAD + 1) * room
        assert numbers(screen)[-1] == COUNT - 1
        await screen.press("enter")
        await screen.answered_any()
        await screen.until(lambda: "Hello to you too." in screen.drawn)


async def test_what_is_on_the_screen_stays_there_while_more_is_drawn(tmp_path: Path) -> None:
    async with opened(long_chat(tmp_path, 60)) as screen:
        transcript = screen.app.query_one(Transcript)
        await at_rest(screen, transcript)
        for step in (-1, 1):
            for _ in range(8):
                transcript.scroll_relative(y=step * 40, animate=False, immediate=True)
                top = transcript.scroll_offset.y
                seen = {child: child.virtual_region.y - top for child in transcript.children}
                await at_rest(screen, transcript)
                top = transcript.scroll_offset.y
                now = {child: child.virtual_region.y - top for child in transcript.children}
                seen = {child: row for child, row in seen.items() if 0 <= row < transcript.outer_size.height}
                assert seen
                assert all(now[each] == row for each, row in seen.items())


async def test_keys_are_echoed_while_one_scrolls(tmp_path: Path) -> None:
    async with opened(long_chat(tmp_path)) as screen:
        transcript = screen.app.query_one(Transcript)
        await at_rest(screen, transcript)

        async def echoes(scroll: bool) -> float:
            """Return the 95th percentile of the seconds from a key to its echo, in the best of three rounds."""
            best = float("inf")
            for _ in range(3):
                taken = []
                for number in range(20):
                    if scroll:
                        kind = events.MouseScrollUp if number < 10 else events.MouseScrollDown
                        transcript.post_message(kind(transcript, 5, 5, 0, 0, 0, False, False, False, 5, 5))
                        transcript.scroll_relative(y=-40 if number < 10 else 40, animate=False, immediate=True)
                    began, length = time.monotonic(), len(screen.prompt.text)
                    screen.app.post_message(events.Key("x", "x"))
                    await screen.until(lambda length=length: len(screen.prompt.text) > length)  # type: ignore[misc]
                    taken.append(time.monotonic() - began)
                best = min(best, sorted(taken)[-2])
            return best

        still, moving = await echoes(scroll=False), await echoes(scroll=True)
        # a key may have to wait for one portion; on a busy machine, for as long as that takes there
        assert moving < max(QUICK, 10 * still), (still, moving)


async def test_sending_from_far_above_goes_to_the_end(tmp_path: Path) -> None:
    chat = long_chat(tmp_path)
    async with opened(chat) as screen:
        transcript = screen.app.query_one(Transcript)
        for _ in range(20):
            await screen.press("pageup")
            await at_rest(screen, transcript)
        assert numbers(screen)[-1] < COUNT - 1
        await screen.say("back again")
        await screen.answered_any()
        await screen.until(lambda: "Hello to you too." in screen.drawn and "back again" in screen.drawn)


async def test_what_was_drawn_of_replies_that_are_gone_is_let_go(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path, fake.FakeEngine(REPLY))) as screen:
        await screen.say("hello")
        await screen.answered()
        drawn = [weakref.ref(each._styles_cache) for each in screen.app.query("Reply *")]
        assert len(drawn) > 10
        await screen.say("/new")
        await screen.say("hello again")
        await screen.answered()
        gc.collect()
        assert [each for each in drawn if each() is not None] == []
