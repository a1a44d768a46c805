"""Reading the screen as a person does: what was sent, what was answered, what changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_PANEL = "▏"
_SAID = "  ▌ "
_CHANGE = re.compile(r"[Ff]ormality \d\.\d\d → (\d\.\d\d)")
_REVISION = re.compile(r"\brevision (\d+)\b")
_NOT_REPLY = re.compile(r"👍|👎|interrupted –|(?:thinking|voice|model) …$|‹")
_WORD = re.compile(r"\bword\d{4}\b")
_BAR = re.compile(r"\s+[▁-▇█]$")
"""The end of the scroll bar, right of the conversation."""
_FORK = re.compile(r"(?:‹ \d+/\d+ ›)?\s*(?:edit)?")
"""What can be clicked below a message."""
_ENDING = "interrupted – the program was closed while this was being written"
"""What stands below a reply that a kill has cut off, in one line or more."""


@dataclass
class Seen:
    """What a person has read."""

    questions: list[str] = field(default_factory=list)
    """Messages of theirs that stood in the conversation."""
    replies: dict[str, list[str]] = field(default_factory=dict)
    """Lines of replies, by the message that they answer."""
    moved: list[str] = field(default_factory=list)
    """Values that an attribute was said to have moved to."""
    revision: int = 0
    """Number of the newest revision of their profile that was shown."""
    person: str = "ann"
    asked: Sequence[str] | None = None
    """Changes that were asked for since the program started, where they are all that could be made."""


def read(lines: Sequence[str], scripted: bool = False) -> Seen:
    """Read the chat's screen: the conversation on the left, above the field; the voice panel on the right.

    A scripted reply is read word by word, so that it is told from all that is said about it.
    """
    seen = Seen()
    for line in lines:
        if found := _REVISION.search(line.partition(_PANEL)[2]):
            seen.revision = int(found[1])
    left = [_BAR.sub("", line.partition(_PANEL)[0].rstrip()) for line in lines]
    field_at = next((number for number, line in enumerate(left) if line.startswith(" ╭")), len(left))
    # What is at the top may be the end of a message whose beginning is out of sight.
    first = next((number for number, line in enumerate(left) if not line.startswith(_SAID)), len(left))
    said, begun, notice = "", "", ""
    for line in [*left[first:field_at], ""]:
        if line.strip() and not line.startswith(_SAID):
            notice += f" {line.strip()}"
        else:  # what a command did ends here; weights of attributes are written as their values are
            seen.moved += _CHANGE.findall(notice.partition("weights ")[0])
            notice = ""
        if line.startswith(_SAID):
            part = line.removeprefix(_SAID).strip()
            if not begun or not _FORK.fullmatch(part):
                begun = f"{begun} {part}".strip()
            elif "edit" in part:  # what the program says against a command has the same bar, and no link below it
                said, begun = begun, ""
                seen.questions.append(said)
            continue
        begun = ""
        if said and scripted:
            seen.replies.setdefault(said, []).extend(_WORD.findall(line))
        elif said and line.startswith("    ") and line.strip() and not (_beside(line) or _CHANGE.search(line)):
            seen.replies.setdefault(said, []).append(line.strip())
    return seen


def _beside(line: str) -> bool:
    """Return whether a line says how a reply stands, and is not of its text."""
    return bool(_NOT_REPLY.search(line)) or _ENDING.endswith(line.strip())


def letters(text: str) -> str:
    """Return the letters and digits of a text: what is left of Markdown once it is drawn, wherever lines break."""
    return "".join(character for character in text if character.isalnum())


def read_plain(lines: Sequence[str], person: str) -> Seen:
    """Read what `assistant --plain` has written: who speaks stands before what they say."""
    seen = Seen()
    said, answering = "", False
    for line in lines:
        if line.startswith(f"{person}:"):
            said, answering = line.removeprefix(f"{person}:").strip(), False
        elif line.startswith("assistant:"):
            answering = True
            if said:
                seen.questions.append(said)
                seen.replies[said] = [line.removeprefix("assistant:").strip()]
        elif answering and said and line and not line.startswith("("):  # what was left out is said in brackets
            seen.replies[said][0] += line
    return seen
