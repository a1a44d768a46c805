"""`assistant rate`: a thumb on the last reply, with a reason if there is one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from assistant.cli import options
from assistant.cli.text import as_json as to_json
from assistant.errors import AssistantError, BadInput


class Verdict(StrEnum):
    """What can be said of a reply."""

    UP = "up"
    DOWN = "down"
    NONE = "none"
    """The thumb is taken back, and what it taught with it."""


def rate(
    verdict: Annotated[Verdict, typer.Argument(help="up, down, or none to take a thumb back.")],
    reason: Annotated[
        str | None, typer.Argument(help="What was wrong, such as 'too formal' or 'not funny enough'.")
    ] = None,
    user: options.User = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would change, and change nothing.")] = False,
    as_json: options.AsJson = False,
    bank: options.Bank = None,
) -> None:
    """Judge the newest reply of a person's latest conversation: their voice moves by what it teaches."""
    from assistant.chat import commands
    from assistant.chat.launch import make_host
    from assistant.chat.session import Chat
    from assistant.chat.workspace import Workspace, default_user

    if reason is not None and verdict is not Verdict.DOWN:
        raise BadInput("a reason goes with down, such as: assistant rate down 'too formal'")
    if dry_run and verdict is Verdict.NONE:
        raise BadInput("--dry-run goes with up or down")
    with Workspace.open(bank) as workspace:
        name = workspace.store.users.require(user).name if user is not None else default_user()
        chat = Chat(workspace, make_host(workspace), name)
        chat.resume()
        line = {Verdict.UP: "/good", Verdict.DOWN: f"/bad {reason or ''}"}
        if dry_run:
            outcome = commands.run(chat, f"/preview {line[verdict].removeprefix('/')}")
        else:
            standing = workspace.store.feedback.active(chat.newest_reply().id)
            value = {Verdict.UP: 1, Verdict.DOWN: -1}.get(verdict, 0)
            if standing is None and value == 0:
                raise BadInput("there is no thumb to take back")
            if standing is not None and (value == 0 or (value == standing.value and reason is None)):
                if value:
                    raise BadInput("this reply has that thumb already: assistant rate none takes it back")
                line[verdict] = "/good" if standing.value > 0 else "/bad"
            outcome = commands.run(chat, line[verdict])
        text = outcome.text
        if outcome.later is not None:
            outcome = outcome.later.result()
        if outcome.level == "error":
            raise AssistantError(outcome.text[:1].lower() + outcome.text[1:])
        if as_json:
            typer.echo(to_json({"user": chat.user.name, "said": outcome.text or text, **chat.profile.as_dict()}))
        else:
            typer.echo(outcome.text or text)
