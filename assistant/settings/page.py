"""The settings' documentation, written from the schema: `python -m assistant.settings.page > docs/settings.md`."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import tomlkit
from pydantic.fields import FieldInfo

from assistant.settings.keys import ACTIONS, spoken
from assistant.settings.schema import Settings

_HEAD = """# Settings

F10 shows them. They are kept in `settings.toml`, in the system's folder for settings (`~/.config/assistant`), or in
`$ASSISTANT_HOME` where that is set. What is changed on the screen is written there at once, and your comments stay. A
file that cannot be read is never written to: the chat says what is wrong with it, and uses the defaults.

This page is written from the program's own description of its settings (`make docs`).

| setting | values | default | |
|---|---|---|---|
"""
_KEYS = """
## Keys

All keys that do something can be others, in the table `[keys]`:

```toml
[keys]
help = "f1"
copy = "f12,ctrl+b"
```

| action | key | |
|---|---|---|
"""


def values(info: FieldInfo) -> str:
    """Return the values that a setting can have, in words."""
    kind: Any = info.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{each}`" for each in get_args(kind))
    if kind is bool:
        return "`true`, `false`"
    bounds = [getattr(each, side, None) for side in ("ge", "le") for each in info.metadata]
    low, high = ([each for each in bounds if each is not None] + [None, None])[:2]
    if low is not None:
        return f"{low} to {high}"
    return "a table" if get_origin(kind) is dict else "text"


def page() -> str:
    """Return the page as Markdown."""
    rows = []
    for name, info in Settings.model_fields.items():
        default = info.get_default(call_default_factory=True)
        shown = "none" if default == {} else f"`{tomlkit.item(default).as_string()}`"
        rows.append(f"| `{name}` | {values(info)} | {shown} | {' '.join((info.description or '').split())} |")
    keys = [f"| `{each.name}` | {spoken(each.keys)} | {each.about} |" for each in ACTIONS]
    return _HEAD + "\n".join(rows) + "\n" + _KEYS + "\n".join(keys) + "\n"


if __name__ == "__main__":
    print(page(), end="")
