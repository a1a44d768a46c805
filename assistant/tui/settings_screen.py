"""The settings as a screen, made from their schema; each change is written at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, get_args, get_origin

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from assistant.settings import Settings, SettingsError, SettingsFile
from assistant.settings.keys import ACTIONS, keys_of, spoken
from assistant.tui.bindings import bindings
from assistant.tui.telling import Telling

_KEYS = "key-"


class SettingsScreen(Telling, ModalScreen[None]):
    """One row per setting and per key. Esc closes; text fields count with Enter or when they are left."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    def __init__(self, file: SettingsFile, apply: Callable[[Settings], None]) -> None:
        """Prepare the screen.

        Args:
            file: where changes are written.
            apply: takes changed settings up.
        """
        super().__init__()
        self._file = file
        self._apply = apply

    def compose(self) -> ComposeResult:
        """Lay out a row per setting."""
        with VerticalScroll(id="settings", can_focus=False):
            close = spoken(keys_of("close", self._file.settings.keys))
            yield Static(f"{close} closes. Kept in {self._file.path}", markup=False, classes="about")
            yield Static("", id="wrong", markup=False)
            for name, info in Settings.model_fields.items():
                if name != "keys":
                    yield from self._row(name, name.replace("_", " "), info.description or "", self._field(name))
            yield Static("Keys", classes="heading")
            for each in ACTIONS:
                keys = keys_of(each.name, self._file.settings.keys)
                yield from self._row(
                    each.name, each.name.replace("_", " "), each.about, Input(keys, id=_KEYS + each.name, compact=True)
                )

    def action_close(self) -> None:
        """Go back to the chat."""
        self.dismiss()

    def _row(self, name: str, label: str, about: str, field: Widget) -> ComposeResult:
        with Horizontal(classes="setting"):
            yield Label(label, markup=False)
            yield field
        yield Static(" ".join(about.split()), markup=False, classes="about")

    def _field(self, name: str) -> Widget:
        kind: Any = Settings.model_fields[name].annotation
        value = getattr(self._file.settings, name)
        if get_origin(kind) is Literal or kind is bool:
            options = [("on", True), ("off", False)] if kind is bool else [(each, each) for each in get_args(kind)]
            return Select(options, value=value, allow_blank=False, id=name, compact=True)
        return Input(str(value), id=name, compact=True)

    def on_mount(self) -> None:
        """Say at once if nothing can be changed."""
        self._say(self._file.problem)

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        self._change(event.select.id or "", event.value)

    @on(Input.Submitted)
    @on(Input.Blurred)
    def _typed(self, event: Input.Submitted | Input.Blurred) -> None:
        name, text = event.input.id or "", event.value.strip()
        if not name.startswith(_KEYS):
            self._change(name, text)
            return
        action = name.removeprefix(_KEYS)
        keys = {each: value for each, value in self._file.settings.keys.items() if each != action}
        if text and text != keys_of(action, {}):
            keys[action] = text
        self._change("keys", keys)

    def _change(self, name: str, value: Any) -> None:
        before = getattr(self._file.settings, name)
        if value == before or str(value) == str(before):
            return
        try:
            wanted = type(before)(value) if isinstance(before, int | float) and isinstance(value, str) else value
            self._apply(self._file.change(**{name: wanted}))
        except SettingsError as error:
            self._say(str(error))
        except ValueError:
            self._say(f"{name}: {value!r} is not a number")
        else:
            self._say("")

    def _say(self, text: str) -> None:
        wrong = self.query_one("#wrong", Static)
        wrong.update(text)
        wrong.display = bool(text)
