"""The profile as bars that move when it moves."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.chat.wording import position
from assistant.style import Attribute, Profile

WIDTH = 25
"""Columns of a bar."""
LEFT, RIGHT = -0.5, 1.5
"""Ends of the α bar; what lies beyond is shown at the end."""


def place(alpha: float, width: int = WIDTH) -> int:
    """Return the column of α on a bar of `width` columns."""
    share = (min(max(alpha, LEFT), RIGHT) - LEFT) / (RIGHT - LEFT)
    return round(share * (width - 1))


def alpha_bar(alpha: float, width: int = WIDTH) -> str:
    """Return α as a marker on a line; the stretch between the anchors, 0 to 1, is drawn heavier."""
    low, high = place(0, width), place(1, width)
    line = ["━" if low <= column <= high else "╌" for column in range(width)]
    line[low], line[high] = "┣", "┫"
    line[place(alpha, width)] = "●"
    return "".join(line)


def lambda_bar(share: float, width: int = WIDTH) -> str:
    """Return λ as a filled bar."""
    full = round(share * width)
    return "▪" * full + "·" * (width - full)


class AttributeRow(Static):
    """One attribute: name and value, α between its poles, and λ."""

    alpha = reactive(0.5)
    """α as drawn; moves smoothly to a new value."""
    share = reactive(0.0)
    """λ as drawn."""

    def __init__(self, attribute: Attribute) -> None:
        super().__init__(id=f"row-{attribute.name}", markup=False)
        self.attribute = attribute
        self._target: tuple[float, float] | None = None

    def show(self, alpha: float, share: float) -> None:
        """Go to a position; the first one is taken at once, later ones are moved to and lit up."""
        if self._target == (alpha, share):
            return
        first, self._target = self._target is None, (alpha, share)
        if first:
            self.alpha, self.share = alpha, share
            return
        self.animate("alpha", alpha, duration=0.35)
        self.animate("share", share, duration=0.35)
        self.add_class("moved")
        self.set_timer(1.5, lambda: self.remove_class("moved"))

    def render(self) -> Content:
        """Draw the row."""
        each = self.attribute
        gap = " " * max(1, WIDTH - len(each.low) - len(each.high))
        words = position(each, self.alpha)
        return Content.assemble(
            (f"{each.name:<{WIDTH - 6}}", "bold"),
            (f"{self.alpha:6.2f}\n", "bold"),
            (alpha_bar(self.alpha) + "\n", "$accent"),
            (f"{each.low}{gap}{each.high}\n", "$text-muted"),
            (lambda_bar(self.share), "$secondary"),
            f" {self.share:.2f}\n",
            (words, "italic $text-muted"),
        )


class ProfilePanel(VerticalScroll, can_focus=False):
    """Everything that makes the voice."""

    def __init__(self, attributes: tuple[Attribute, ...]) -> None:
        super().__init__()
        self._attributes = attributes

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield Static("", id="who", markup=False)
        for attribute in self._attributes:
            yield AttributeRow(attribute)
        yield Static("", id="strength", markup=False)

    def show(self, profile: Profile, person: str, revision: int) -> None:
        """Show a profile."""
        self.query_one("#who", Static).update(
            Content.assemble((printable(person), "bold"), (f"  revision {revision}", "$text-muted"))
        )
        for attribute in self._attributes:
            row = self.query_one(f"#row-{attribute.name}", AttributeRow)
            row.show(profile.alpha[attribute.name], profile.lambda_[attribute.name])
        self.query_one("#strength", Static).update(
            Content.assemble(
                "strength ", (f"{profile.strength:g}", "bold"), "   composed ", (str(profile.compose), "bold")
            )
        )
