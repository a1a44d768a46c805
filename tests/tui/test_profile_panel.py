from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chat.host import HostState, Phase
from assistant.style import Attribute
from assistant.tui.bars import HALF, ONE, WIDTH, ZERO, alpha_bar, place, pole_names, share_bar
from assistant.tui.profile_row import AttributeRow
from assistant.tui.status import words
from assistant.tui.strength_row import StrengthRow
from tests import fake
from tests.tui.screen import opened


def test_the_alpha_bar_marks_anchors_and_position() -> None:
    assert (ZERO, HALF, ONE) == (7, 14, 21)
    assert alpha_bar(0.5).plain == "╌╌╌╌╌╌╌┣━━━━━━●━━━━━━┫╌╌╌╌╌╌╌"
    assert alpha_bar(0).plain == "╌╌╌╌╌╌╌●━━━━━━━━━━━━━┫╌╌╌╌╌╌╌"
    assert alpha_bar(1.5).plain == "╌╌╌╌╌╌╌┣━━━━━━━━━━━━━┫╌╌╌╌╌╌●"
    assert alpha_bar(-9).plain == "◀╌╌╌╌╌╌┣━━━━━━━━━━━━━┫╌╌╌╌╌╌╌"
    assert alpha_bar(9).plain.endswith("▶")


def test_the_share_bar_fills_up() -> None:
    assert share_bar(0, 4, "red").plain == "────"
    assert share_bar(0.5, 4, "red").plain == "━━──"
    assert share_bar(0.375, 4, "red").plain == "━╸──"
    assert share_bar(1, 4, "red").plain == "━━━━"
    assert share_bar(7, 4, "red").plain == "━━━━"


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_bars_keep_their_width_and_order(one: float, two: float) -> None:
    assert len(alpha_bar(one).plain) == WIDTH
    assert len(share_bar(one, 20, "red").plain) == 20
    low, high = sorted((one, two))
    assert place(low) <= place(high)


@given(st.from_regex(r"[a-z][a-z0-9_]{1,31}", fullmatch=True), st.from_regex(r"[a-z][a-z0-9_]{1,31}", fullmatch=True))
def test_poles_of_any_name_fit(low: str, high: str) -> None:
    text = pole_names(low, high)
    assert len(text) <= WIDTH
    assert len(text.split()) == 2


def test_short_poles_stand_below_their_anchors() -> None:
    assert pole_names("casual", "formal") == "    casual         formal"


async def test_commands_move_the_panel(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        row = screen.app.query_one("#row-formality", AttributeRow)
        other = screen.app.query_one("#row-sentiment", AttributeRow)
        strength = screen.app.query_one(StrengthRow)
        assert "α    0.50" in row.render().plain
        assert alpha_bar(0.5).plain in screen.drawn
        await screen.say("/more formal")
        await screen.until(lambda: row.alpha == 0.75)
        assert "α    0.75" in row.render().plain
        await screen.until(lambda: alpha_bar(0.75).plain in screen.drawn)
        assert row.has_class("moved")
        assert not other.has_class("moved")
        await screen.say("/weight formality 0.8")
        await screen.until(lambda: row.share == 0.8)
        await screen.until(lambda: f"λ {share_bar(0.8, 20, 'red').plain}   0.80" in screen.drawn)
        assert f"λ {share_bar(0.2, 20, 'red').plain}   0.20" in screen.drawn
        assert other.has_class("moved")
        await screen.say("/strength 0.6")
        await screen.say("/compose paper")
        await screen.until(lambda: "0.60" in strength.render().plain)
        assert strength.render().plain.startswith("composition             paper")
        await screen.until(lambda: "revision 5" in screen.drawn)
        await screen.say("/undo")
        assert strength.render().plain.splitlines()[0].endswith("centred")
        await screen.say("/formality 7")
        await screen.until(lambda: "▶" in screen.drawn)
        assert "7.00" in screen.drawn
        await screen.say("/reset")
        await screen.until(lambda: row.alpha == 0.5 and row.share == 0.5)


async def test_a_change_is_lit_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.tui.slider.LIT", 0.01)
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say("/more formal")
        await screen.until(lambda: not screen.app.query(".moved"))


async def test_the_bars_of_five_attributes_fit_on_a_low_screen(tmp_path: Path) -> None:
    five = [Attribute(name, "low", "high") for name in ("simplicity", "formality", "politeness", "sentiment", "humor")]
    chat = fake.chat(tmp_path)
    card = replace(chat.workspace.card, attributes=tuple(five))
    chat.workspace = replace(chat.workspace, card=card)
    chat.switch_user("eve")
    for height in (40, 24, 20):
        async with opened(chat, (80, height)) as screen:
            await screen.until(lambda: screen.drawn.count("λ ") == 5)
            drawn = screen.drawn
            for name in (*card.names, "composition", "strength"):
                assert name in drawn, f"{name} at {height} rows"
            assert drawn.count("●") == 6  # five and the status line's


def test_the_status_is_said_in_words() -> None:
    assert words(HostState(Phase.LOADING, "preparing the model")) == "preparing the model …"
    assert words(HostState(Phase.LOADING)) == "loading the model …"
    assert words(HostState(Phase.READY)) == "ready"
    assert words(HostState(Phase.WRITING)) == "writing (Esc stops)"
    assert "\n" not in words(HostState(Phase.FAILED, "a\nb"))
