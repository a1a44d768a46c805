"""Turning the voice by mouse and key, and what its rows show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.tui.bars import WIDTH, alpha_at, alpha_bar, place, sparkline
from assistant.tui.profile_panel import ProfilePanel
from assistant.tui.profile_row import AttributeRow
from assistant.tui.strength_row import STRONGEST, StrengthRow
from tests import fake
from tests.tui.screen import Screen, opened


def row(screen: Screen) -> AttributeRow:
    return screen.app.query_one("#row-formality", AttributeRow)


def test_the_bar_marks_the_safe_range_and_the_score() -> None:
    assert alpha_bar(0.5, (-0.2, 1.2), 0.25).plain == "╌╌╌╌(╌╌┣━━◇━━━●━━━━━━┫╌╌)╌╌╌╌"
    assert alpha_bar(0.5, None, 0.5).plain == alpha_bar(0.5).plain
    assert "(" not in alpha_bar(0.3).plain
    assert [place(alpha_at(column)) for column in range(WIDTH)] == list(range(WIDTH))


def test_a_sparkline_goes_from_anchor_to_anchor() -> None:
    assert sparkline([0, 0.5, 1, 7, -7], 8) == "▁▅██▁"
    assert sparkline([0.5, 0.5], 8) == ""
    assert sparkline([0.0] * 9 + [1.0], 3) == "▁▁█"


async def test_a_slider_is_dragged(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        assert await screen.pilot.mouse_down(row(screen), offset=(14, 1))
        await screen.pilot.hover(row(screen), offset=(18, 1))
        assert row(screen).alpha == alpha_at(18)
        assert chat.profile.alpha["formality"] == 0.5  # not before it is let go
        await screen.pilot.hover(row(screen), offset=(21, 1))
        await screen.pilot.mouse_up(row(screen), offset=(21, 1))
        await screen.until(lambda: chat.profile.alpha["formality"] == 1.0)
        assert chat.revision.number == 2
        await screen.press("x")
        assert screen.prompt.text == "x"
        await screen.pilot.click(row(screen), offset=(21, 3))
        await screen.until(lambda: chat.profile.lambda_["formality"] > 0.9)


async def test_a_slider_is_turned_by_keys(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.press("ctrl+g")
        await screen.until(lambda: "Esc back" in screen.drawn)
        await screen.press("right", "right", "plus")
        assert row(screen).alpha == 0.6
        await screen.press("down", "home", "escape")
        await screen.until(lambda: chat.profile.alpha == {"formality": 0.6, "sentiment": 0.0})
        assert chat.profile.lambda_["formality"] == 0.55
        assert screen.prompt.has_focus
        await screen.press("ctrl+g", "l")
        await screen.until(lambda: "formality (locked)" in screen.drawn)
        await screen.press("l", "ctrl+g")
        await screen.until(lambda: "(locked)" not in screen.drawn)
        assert screen.prompt.has_focus
        await screen.say("/undo")
        await screen.until(lambda: row(screen).alpha == chat.profile.alpha["formality"])
        await screen.until(lambda: "▁" in screen.drawn)


async def test_the_strength_is_turned_by_mouse_and_key_and_taken_back(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        strength = screen.app.query_one(StrengthRow)
        assert await screen.pilot.mouse_down(strength, offset=(9, 1))
        await screen.pilot.hover(strength, offset=(15, 1))
        assert strength.strength == 1.08
        assert chat.profile.strength == 1.0
        await screen.pilot.mouse_up(strength, offset=(15, 1))
        await screen.until(lambda: chat.profile.strength == 1.08)
        await screen.press("ctrl+g", "up", "left", "shift+left", "escape")
        await screen.until(lambda: chat.profile.strength == 0.78)
        await screen.press("ctrl+g", "up", "end", "right", "escape")
        await screen.until(lambda: chat.profile.strength == STRONGEST)
        await screen.say("/undo")
        await screen.until(lambda: strength.strength == chat.profile.strength == 0.78)
        await screen.say("/compose paper")
        await screen.pilot.click(strength, offset=(12, 1))
        await screen.until(lambda: "paper" in screen.drawn)
        assert chat.profile.strength == 0.78


async def test_the_last_score_stands_beside_what_was_asked(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path, fake.FakeEngine("formal formal words"))) as screen:
        assert "◇" not in screen.drawn
        await screen.say("hi")
        await screen.answered()
        await screen.until(lambda: "◇ 0.80" in screen.drawn)
        assert screen.drawn.count("◇") == 3  # sentiment was measured at ½, where its marker is


async def test_a_safe_range_of_the_card_is_marked(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    limits = {"formality": {"low": -1.4, "high": 1.4}, "sentiment": {"low": -9, "high": 9}}
    card = replace(chat.workspace.card, safe={"unit": "c", "limit": 1.4, "attributes": limits})
    chat.workspace = replace(chat.workspace, card=card)
    async with opened(chat) as screen:
        await screen.until(lambda: screen.drawn.count("(╌╌┣") == 1)
        assert card.safe_range is not None
        assert card.safe_range.safe_alpha(chat.profile, "formality") == pytest.approx((-0.2, 1.2))
        await screen.say("/strength 2")  # the same α carries twice as far
        await screen.until(lambda: "┣━(" in screen.drawn)
        await screen.say("/strength 0")  # nothing is carried anywhere
        await screen.until(lambda: "━(" not in screen.drawn and "(╌" not in screen.drawn)


async def test_keys_show_a_hidden_panel(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path), (60, 20)) as screen:
        await screen.press("ctrl+g")
        await screen.until(lambda: bool(screen.app.query_one(ProfilePanel).display))
        await screen.press("f2")
        await screen.until(lambda: not screen.app.query_one(ProfilePanel).display)
        assert screen.prompt.has_focus


async def test_without_animation_a_bar_is_there_at_once(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        screen.app._apply(replace_settings(screen, animations=False))
        assert screen.app.animation_level == "none"


def replace_settings(screen: Screen, **values: object) -> object:
    return screen.app._file.settings.model_copy(update=values)
