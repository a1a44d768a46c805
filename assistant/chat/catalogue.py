"""The slash commands, each with how it is written, what it does and what may follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from assistant.chat import (
    bank_command,
    conversation_commands,
    edge_command,
    export_command,
    feedback_commands,
    load_command,
    preset_commands,
    profile_commands,
    train_command,
    user_commands,
    voice_commands,
)
from assistant.chat.outcome import Outcome
from assistant.chat.registry import Argument, Command, Group
from assistant.chat.session import Chat
from assistant.errors import BadInput
from assistant.store.tables import LEARNING
from assistant.style import Attribute, Compose


def registry(attributes: Sequence[Attribute]) -> dict[str, Command]:
    """Return all commands by name; each attribute of the bank has one of its own."""
    return {command.name: command for command in (*_attribute_commands(attributes), *_COMMANDS)}


def known(chat: Chat) -> dict[str, Command]:
    """Return all commands of a chat by name, those of its interface among them."""
    return registry(chat.workspace.attributes) | {command.name: command for command in chat.added}


def _attribute_commands(attributes: Sequence[Attribute]) -> Iterator[Command]:
    for attribute in attributes:
        values = tuple(Argument(text, about) for text, about in voice_commands.places(attribute))
        yield Command(
            attribute.name,
            f"NUMBER | + | - | {attribute.low} | {attribute.high}",
            f"Move {attribute.name}: 0 is {attribute.low}, 1 is {attribute.high}.",
            lambda chat, argument, a=attribute: Outcome(voice_commands.move(chat, a, argument)),  # type: ignore[misc]
            Group.VOICE,
            lambda _, v=values: v,  # type: ignore[misc]
        )


def _help(chat: Chat, argument: str) -> Outcome:
    shown = known(chat)
    if argument:
        command = shown.get(argument.removeprefix("/"))
        if command is None:
            raise BadInput(f"there is no command /{argument.removeprefix('/')}")
        shown = {command.name: command}
    wide = max(len(command.line) for command in shown.values())
    parts = []
    for group in Group:
        members = [command for command in shown.values() if command.group is group]
        rows = [f"{command.line:<{wide}}  {command.about}" for command in members]
        parts += [f"{group}:", *rows] if rows and not argument else rows
    text = "\n".join(parts)
    return Outcome(f"{text}\n// at the start of a message stands for a plain slash.", action="help")


def _poles(chat: Chat) -> list[str]:
    return [pole for attribute in chat.workspace.attributes for pole in (attribute.low, attribute.high)]


def _voice(act: Callable[[Chat, str], str]) -> Callable[[Chat, str], Outcome]:
    return lambda chat, argument: Outcome(act(chat, argument))


def _amounts(*pairs: tuple[str, str]) -> tuple[Argument, ...]:
    return tuple(Argument(text, about) for text, about in pairs)


_SHARES = (("0", "not heard"), ("0.5", "half of all"), ("0.8", "most of all"), ("1", "alone"))

_COMMANDS = (
    Command(
        "more",
        "ADJECTIVE",
        "Move towards a pole, as in /more formal.",
        _voice(voice_commands.more),
        Group.VOICE,
        _poles,
    ),
    Command(
        "less",
        "ADJECTIVE",
        "Move away from a pole, as in /less formal.",
        _voice(voice_commands.less),
        Group.VOICE,
        _poles,
    ),
    Command(
        "weight",
        "ATTRIBUTE NUMBER",
        "Set an attribute's share λ, from 0 to 1; the others share the rest.",
        _voice(voice_commands.weight),
        Group.VOICE,
        lambda chat: [Argument(f"{name} {share}", about) for name in chat.workspace.names for share, about in _SHARES],
    ),
    Command(
        "strength",
        "NUMBER",
        "How far the voices are carried; 1 is the anchors' own.",
        _voice(voice_commands.strength),
        Group.VOICE,
        lambda _: _amounts(
            ("0", "the model itself"), ("0.5", "half"), ("0.8", "a little less"), ("1", "as trained"), ("1.2", "more")
        ),
    ),
    Command(
        "compose",
        "paper | full | centred",
        "Choose how the anchors are mixed.",
        _voice(voice_commands.compose),
        Group.VOICE,
        lambda _: [str(each) for each in Compose],
    ),
    Command(
        "voice",
        "[NAME | save NAME | delete NAME]",
        "Speak like a butler, a best friend …, or save your own voice.",
        preset_commands.voice,
        Group.VOICE,
        preset_commands.voice_values,
        free=True,
    ),
    Command("profile", "", "Show your profile.", profile_commands.profile, Group.VOICE),
    Command(
        "as",
        "TIME [restore]",
        "Show your profile as it was, such as /as 1d ago; restore goes back to it.",
        preset_commands.as_it_was,
        Group.VOICE,
        lambda _: preset_commands.AS_VALUES,
        free=True,
    ),
    Command("undo", "", "Take back the last change of your profile.", profile_commands.undo, Group.VOICE),
    Command("redo", "", "Make it again.", profile_commands.redo, Group.VOICE),
    Command("reset", "", "Back to the neutral profile.", profile_commands.reset, Group.VOICE),
    Command("edge", "", "Back to the edge of what these voices can carry.", edge_command.edge, Group.VOICE),
    Command(
        "good", "", "Thumb up for the last reply; once more takes it back.", feedback_commands.good, Group.FEEDBACK
    ),
    Command(
        "bad",
        "[too ADJECTIVE | not ADJECTIVE enough]",
        "Thumb down for the last reply, with the reason if you like.",
        feedback_commands.bad,
        Group.FEEDBACK,
        lambda chat: [f"{word} {pole}" for word in ("too", "not") for pole in _poles(chat)],
    ),
    Command(
        "preview",
        "good | bad [REASON]",
        "Say what a thumb would change, without giving it.",
        feedback_commands.preview,
        Group.FEEDBACK,
        lambda chat: ["good", "bad", *(f"bad too {pole}" for pole in _poles(chat))],
    ),
    Command(
        "compare",
        "[MESSAGE]",
        "Answer the last message, or a new one, in two voices.",
        feedback_commands.compare,
        Group.FEEDBACK,
        alone=True,
    ),
    Command(
        "pick",
        "1 | 2",
        "Go on from one of the two replies.",
        feedback_commands.pick,
        Group.FEEDBACK,
        lambda _: _amounts(("1", "the first"), ("2", "the second")),
        alone=True,
    ),
    Command("like", "TEXT", "Sound like this text from now on.", feedback_commands.like, Group.FEEDBACK),
    Command("why", "", "What made your profile what it is.", feedback_commands.why, Group.FEEDBACK),
    Command(
        "lock",
        "ATTRIBUTE",
        "Keep thumbs from moving an attribute.",
        lambda chat, argument: feedback_commands.lock(chat, argument, True),
        Group.FEEDBACK,
        lambda chat: chat.workspace.names,
    ),
    Command(
        "unlock",
        "ATTRIBUTE",
        "Let thumbs move it again.",
        lambda chat, argument: feedback_commands.lock(chat, argument, False),
        Group.FEEDBACK,
        lambda chat: chat.workspace.names,
    ),
    Command(
        "learning",
        "[on | off | weak]",
        "Whether thumbs move your voice; weak: stopped and retried replies too.",
        feedback_commands.learning,
        Group.FEEDBACK,
        lambda _: LEARNING,
    ),
    Command(
        "retry",
        "",
        "Another reply to the last message; the old one is kept beside it.",
        conversation_commands.retry,
        Group.REPLIES,
        alone=True,
    ),
    Command(
        "edit",
        "[#N] TEXT",
        "Word your last message, or your Nth, anew; what followed the old one is kept.",
        conversation_commands.edit,
        Group.REPLIES,
        alone=True,
    ),
    Command(
        "sibling",
        "[next | previous | N] [PLACE]",
        "Go over to another reply or wording; alone, list where there are some.",
        conversation_commands.sibling,
        Group.REPLIES,
        lambda _: ("next", "previous"),
        alone=True,
    ),
    Command(
        "search", "WORDS", "Find messages in all your conversations.", conversation_commands.search, Group.CONVERSATIONS
    ),
    Command(
        "sessions",
        "[deleted]",
        "List your conversations.",
        conversation_commands.sessions,
        Group.CONVERSATIONS,
        lambda _: ("deleted",),
    ),
    Command(
        "open",
        "NUMBER | TITLE",
        "Go on with another conversation.",
        conversation_commands.open_,
        Group.CONVERSATIONS,
        conversation_commands.listed,
        alone=True,
        free=True,
    ),
    Command(
        "rename", "TITLE", "Give this conversation another title.", conversation_commands.rename, Group.CONVERSATIONS
    ),
    Command(
        "pin",
        "",
        "Keep this conversation at the top of the list, or no longer.",
        conversation_commands.pin,
        Group.CONVERSATIONS,
    ),
    Command(
        "export",
        "[markdown | json] [FILE]",
        "Write this conversation to a new file; json holds all branches.",
        export_command.export,
        Group.CONVERSATIONS,
        lambda _: export_command.VALUES,
        free=True,
    ),
    Command(
        "delete",
        "[NUMBER]",
        "Delete this conversation, or another; /undelete brings it back.",
        conversation_commands.delete,
        Group.CONVERSATIONS,
        conversation_commands.listed,
        alone=True,
    ),
    Command(
        "undelete",
        "[NUMBER]",
        "Bring back the conversation that was deleted last, or another.",
        conversation_commands.undelete,
        Group.CONVERSATIONS,
        conversation_commands.listed_deleted,
        alone=True,
    ),
    Command("new", "", "Begin a new conversation.", conversation_commands.new, Group.CONVERSATIONS, alone=True),
    Command(
        "user",
        "[NAME]",
        "Go over to another person's chat and profile.",
        user_commands.user,
        Group.PROGRAM,
        user_commands.names,
        alone=True,
        free=True,
    ),
    Command("users", "", "List the people on this machine.", user_commands.users, Group.PROGRAM),
    Command(
        "train",
        "[FOLDER [OPTION …] | stop | resume | drop]",
        "Train a voice of your own, from texts in a folder; alone, tell how far it is.",
        train_command.train,
        Group.PROGRAM,
        train_command.values,
        free=True,
    ),
    Command(
        "bank",
        "[NAME | FOLDER | shipped]",
        "Take up another bank of voices, such as one that you trained; alone, tell which is in use.",
        bank_command.bank,
        Group.PROGRAM,
        bank_command.values,
        alone=True,
        free=True,
    ),
    Command(
        "load",
        "[stop]",
        "Load the model, where that failed or was stopped; stop ends its first preparation.",
        load_command.load,
        Group.PROGRAM,
        lambda _: ("stop",),
    ),
    Command(
        "help",
        "[COMMAND]",
        "Show the commands.",
        _help,
        Group.PROGRAM,
        lambda chat: list(known(chat)),
    ),
    Command(
        "quit",
        "",
        "Leave; everything is saved already.",
        lambda _chat, _argument: Outcome("", action="quit"),
        Group.PROGRAM,
    ),
)
