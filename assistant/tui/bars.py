"""Bars of text for positions and weights, as plain functions of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

WIDTH = 29
"""Columns of the α bar: an odd multiple that puts 0, ½ and 1 exactly on columns 7, 14 and 21."""
BLOCKS = "▁▂▃▄▅▆▇█"
"""Heights of a sparkline."""
LEFT, RIGHT = -0.5, 1.5
"""Ends of the α bar; what lies beyond is shown at the end."""


def place(alpha: float) -> int:
    """Return the column of α."""
    share = (min(max(alpha, LEFT), RIGHT) - LEFT) / (RIGHT - LEFT)
    return round(share * (WIDTH - 1))


ZERO, HALF, ONE = place(0), place(0.5), place(1)


def alpha_bar(alpha: float, safe: tuple[float, float] | None = None, score: float | None = None) -> Content:
    """Return α as a marker on a line from anchor to anchor, with the way it went from the middle lit up.

    Args:
        alpha: the position that is asked for.
        safe: range of α in which replies are known to hold together; brackets mark its
            ends, where the bar has them, and beyond them is a warning colour.
        score: what was measured on the last reply, marked beside what was asked for.
    """
    here = place(alpha)
    low = place(safe[0]) if safe and safe[0] >= LEFT else -1
    high = place(safe[1]) if safe and safe[1] <= RIGHT else WIDTH
    marks = {place(score): ("◇", "bold $secondary")} if score is not None else {}
    marks[here] = ("◀" if alpha < LEFT else "▶" if alpha > RIGHT else "●", "bold $accent")
    cells = []
    for column in range(WIDTH):
        if column in marks:
            cells.append(marks[column])
            continue
        lit = "$accent" if min(here, HALF) <= column <= max(here, HALF) and here != HALF else "$foreground 35%"
        if not low <= column <= high:
            lit = "$error 70%"
        if column in (low, high):
            cells.append(("(" if column == low else ")", "$warning"))
        elif column in (ZERO, ONE):
            cells.append(("┣" if column == ZERO else "┫", lit))
        else:
            cells.append(("━" if ZERO < column < ONE else "╌", lit))
    return Content.assemble(*cells)


def alpha_at(column: int) -> float:
    """Return the α of a column of the bar."""
    return round(LEFT + min(max(column, 0), WIDTH - 1) / (WIDTH - 1) * (RIGHT - LEFT), 2)


def sparkline(values: Sequence[float], width: int) -> str:
    """Return the last values of α as a line of blocks, from anchor to anchor; nothing when nothing ever moved."""
    shown = values[-width:]
    if len(set(shown)) < 2:
        return ""
    return "".join(BLOCKS[round(min(max(each, 0.0), 1.0) * (len(BLOCKS) - 1))] for each in shown)


def pole_names(low: str, high: str) -> str:
    """Return the names of the poles, each centred below its anchor, or at the ends when there is no room."""
    left = max(0, ZERO - len(low) // 2)
    right = min(WIDTH - len(high), ONE - (len(high) - 1) // 2)
    if right < left + len(low) + 1 or right < 0:
        room = max(1, WIDTH - 1 - min(len(high), WIDTH // 2))
        low, high = _cut(low, room), _cut(high, max(WIDTH - 1 - len(low), WIDTH // 2))
        return f"{low}{high:>{WIDTH - len(low)}}"
    return f"{' ' * left}{low}".ljust(right) + high


def share_bar(share: float, width: int, colour: str) -> Content:
    """Return a share of 1 as a line that fills up, to half a column."""
    halves = round(min(max(share, 0.0), 1.0) * width * 2)
    full, half = divmod(halves, 2)
    return Content.assemble(
        ("━" * full + "╸" * half, colour),
        ("─" * (width - full - half), "$foreground 25%"),
    )


def _cut(word: str, room: int) -> str:
    return word if len(word) <= room else f"{word[: room - 1]}…"
