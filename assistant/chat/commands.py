"""Slash commands: one registry that runs them, completes them, and describes them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from assistant.chat import edge_command, feedback_commands, voice_commands, wording
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.errors import AssistantError, BadInput
from assistant.store.tables import LEARNING
from assistant.style import Attribute, Compose, ProfileError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on with the line."""

    text: str
    """The whole line once accepted."""
    label: str
    about: str


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command."""

    name: str
    usage: str
    """How its arguments are written, such as "ATTRIBUTE NUMBER"."""
    about: str
    run: Callable[[Chat, str], Outcome]
    values: Callable[[Chat], Sequence[str]] = lambda _: ()
    """Arguments to offer."""


def is_command(line: str) -> bool:
    """Return whether a line is a command: it begins with a single slash."""
    return line.startswith("/") and not line.startswith("//")


def literal(line: str) -> str:
    """Return the message that a line means: a doubled slash at its start stands for one."""
    return line[1:] if line.startswith("//") else line


def registry(attributes: Sequence[Attribute]) -> dict[str, Command]:
    """Return all commands by name; each attribute of the bank has one of its own."""
    return {command.name: command for command in (*_attribute_commands(attributes), *_COMMANDS)}


def run(chat: Chat, line: str) -> Outcome:
    """Run a command line. What cannot be done comes back as an outcome of level "error", in one line."""
    name, _, argument = line.removeprefix("/").strip().partition(" ")
    known = registry(chat.workspace.attributes)
    command = known.get(name.lower())
    if command is None:
        close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.4)
        hint = f"did you mean /{close[0]}?" if close else "type /help for the list."
        return Outcome(f"There is no command /{name}; {hint}", "error")
    try:
        return command.run(chat, argument.strip())
    except (AssistantError, ProfileError) as error:
        text = str(error)
        return Outcome(text[:1].upper() + text[1:], "error")


def complete(chat: Chat, line: str) -> list[Completion]:
    """Return ways to go on with a command line, the best first."""
    known = registry(chat.workspace.attributes)
    name, space, argument = line.removeprefix("/").partition(" ")
    if not space:
        return [
            Completion(
                f"/{command.name}{' ' if command.usage else ''}",
                f"/{command.name} {command.usage}".rstrip(),
                command.about,
            )
            for command in _ranked(name.lower(), list(known.values()), lambda each: each.name)
        ]
    found = known.get(name.lower())
    if found is None:
        return []
    values = _ranked(argument.strip().lower(), list(found.values(chat)), str)
    return [Completion(f"/{found.name} {value}", value, found.about) for value in values]


def _ranked(typed: str, items: Sequence[T], text: Callable[[T], str]) -> list[T]:
    """Return the items that hold the typed letters in order: those that begin with them first, then the closest."""

    def score(item: T) -> tuple[int, float]:
        name = text(item)
        place = 0 if name.startswith(typed) else 1 if typed in name else 2
        return place, -difflib.SequenceMatcher(None, typed, name).ratio() if typed and place else 0.0

    return sorted((item for item in items if _subsequence(typed, text(item))), key=score)


def _subsequence(typed: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in typed)


def _nothing(argument: str, name: str) -> None:
    if argument:
        raise BadInput(f"/{name} takes nothing after it, not {argument!r}")


def _attribute_commands(attributes: Sequence[Attribute]) -> list[Command]:
    found = []
    for attribute in attributes:
        values = ("+", "-", "0", "0.25", "0.5", "0.75", "1", attribute.low, attribute.high, "neutral")
        found.append(
            Command(
                attribute.name,
                f"NUMBER | + | - | {attribute.low} | {attribute.high}",
                f"Move {attribute.name}: 0 is {attribute.low}, 1 is {attribute.high}.",
                lambda chat, argument, a=attribute: Outcome(voice_commands.move(chat, a, argument)),  # type: ignore[misc]
                lambda _, v=values: v,  # type: ignore[misc]
            )
        )
    return found


def _profile(chat: Chat, argument: str) -> Outcome:
    _nothing(argument, "profile")
    text = wording.describe(chat.profile, chat.workspace.attributes)
    return Outcome(f"{chat.user.name}, revision {chat.revision.number}\n{text}")


def _undo(chat: Chat, argument: str) -> Outcome:
    _nothing(argument, "undo")
    before = chat.profile
    chat.undo()
    return Outcome(f"Undone: {wording.changes(before, chat.profile)}.")


def _redo(chat: Chat, argument: str) -> Outcome:
    _nothing(argument, "redo")
    before = chat.profile
    chat.redo()
    return Outcome(f"Done again: {wording.changes(before, chat.profile)}.")


def _reset(chat: Chat, argument: str) -> Outcome:
    _nothing(argument, "reset")
    before = chat.profile
    chat.change(lambda _: chat.workspace.neutral, "/reset", kind="reset")
    return Outcome(f"Back to neutral: {wording.changes(before, chat.profile)}. /undo brings the old profile back.")


def _user(chat: Chat, argument: str) -> Outcome:
    if not argument:
        names = ", ".join(user.name for user in chat.workspace.store.users.list())
        return Outcome(f"You are {chat.user.name}. Known here: {names}. /user NAME goes over to another or a new one.")
    chat.switch_user(argument)
    resumed = chat.resume()
    return Outcome(f"Now {chat.user.name}{', where you left off' if resumed else ''}.", action="user")


def _new(chat: Chat, argument: str) -> Outcome:
    _nothing(argument, "new")
    chat.new()
    return Outcome("A new conversation. The old one is kept: see `assistant conversations list`.", action="new")


def _help(chat: Chat, argument: str) -> Outcome:
    known = registry(chat.workspace.attributes)
    if argument:
        command = known.get(argument.removeprefix("/"))
        if command is None:
            raise BadInput(f"there is no command /{argument.removeprefix('/')}")
        known = {command.name: command}
    lines = [(f"/{command.name} {command.usage}".rstrip(), command.about) for command in known.values()]
    wide = max(len(left) for left, _ in lines)
    text = "\n".join(f"{left:<{wide}}  {about}" for left, about in lines)
    return Outcome(f"{text}\n// at the start of a message stands for a plain slash.", action="help")


def _users(chat: Chat) -> list[str]:
    return [user.name for user in chat.workspace.store.users.list()]


def _poles(chat: Chat) -> list[str]:
    return [pole for attribute in chat.workspace.attributes for pole in (attribute.low, attribute.high)]


def _voice(act: Callable[[Chat, str], str]) -> Callable[[Chat, str], Outcome]:
    return lambda chat, argument: Outcome(act(chat, argument))


_COMMANDS = (
    Command("more", "ADJECTIVE", "Move towards a pole, as in /more formal.", _voice(voice_commands.more), _poles),
    Command("less", "ADJECTIVE", "Move away from a pole, as in /less formal.", _voice(voice_commands.less), _poles),
    Command(
        "weight",
        "ATTRIBUTE NUMBER",
        "Set an attribute's share λ, from 0 to 1; the others share the rest.",
        _voice(voice_commands.weight),
        lambda chat: [f"{name} {share}" for name in chat.workspace.names for share in ("0", "0.5", "0.8", "1")],
    ),
    Command(
        "strength",
        "NUMBER",
        "How far the voices are carried; 1 is the anchors' own.",
        _voice(voice_commands.strength),
        lambda _: ("0", "0.5", "0.8", "1", "1.2"),
    ),
    Command(
        "compose",
        "paper | full | centred",
        "Choose how the anchors are mixed.",
        _voice(voice_commands.compose),
        lambda _: [str(each) for each in Compose],
    ),
    Command("profile", "", "Show your profile.", _profile),
    Command("undo", "", "Take back the last change of your profile.", _undo),
    Command("redo", "", "Make it again.", _redo),
    Command("reset", "", "Back to the neutral profile.", _reset),
    Command("edge", "", "Back to the edge of what these voices can carry.", edge_command.edge),
    Command("good", "", "Thumb up for the last reply; once more takes it back.", feedback_commands.good),
    Command(
        "bad",
        "[too ADJECTIVE | not ADJECTIVE enough]",
        "Thumb down for the last reply, with the reason if you like.",
        feedback_commands.bad,
        lambda chat: [f"{word} {pole}" for word in ("too", "not") for pole in _poles(chat)],
    ),
    Command(
        "preview",
        "good | bad [REASON]",
        "Say what a thumb would change, without giving it.",
        feedback_commands.preview,
        lambda chat: ["good", "bad", *(f"bad too {pole}" for pole in _poles(chat))],
    ),
    Command("compare", "[MESSAGE]", "Answer the last message, or a new one, in two voices.", feedback_commands.compare),
    Command("pick", "1 | 2", "Go on from one of the two replies.", feedback_commands.pick, lambda _: ("1", "2")),
    Command("like", "TEXT", "Sound like this text from now on.", feedback_commands.like),
    Command("why", "", "What made your profile what it is.", feedback_commands.why),
    Command(
        "lock",
        "ATTRIBUTE",
        "Keep thumbs from moving an attribute.",
        lambda chat, argument: feedback_commands.lock(chat, argument, True),
        lambda chat: chat.workspace.names,
    ),
    Command(
        "unlock",
        "ATTRIBUTE",
        "Let thumbs move it again.",
        lambda chat, argument: feedback_commands.lock(chat, argument, False),
        lambda chat: chat.workspace.names,
    ),
    Command(
        "learning",
        "[on | off | weak]",
        "Whether thumbs move your voice; weak: stopped replies too.",
        feedback_commands.learning,
        lambda _: LEARNING,
    ),
    Command("user", "[NAME]", "Go over to another person's chat and profile.", _user, _users),
    Command("new", "", "Begin a new conversation.", _new),
    Command("help", "[COMMAND]", "Show the commands.", _help, lambda chat: list(registry(chat.workspace.attributes))),
    Command("quit", "", "Leave; everything is saved already.", lambda _chat, _argument: Outcome("", action="quit")),
)
