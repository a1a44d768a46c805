"""`assistant conversations`: what was said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.chat.display import printable
from assistant.cli import options
from assistant.cli.text import as_json as to_json
from assistant.cli.text import one_line, tell_copies
from assistant.errors import BadInput

if TYPE_CHECKING:
    from assistant.store import Conversation, Store, User

app = typer.Typer(
    name="conversations", help="List, read, search, name, export and delete conversations.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(metavar="ID", help="Number of the conversation, as listed.")]


class Format(StrEnum):
    """Forms of an exported conversation."""

    MARKDOWN = "markdown"
    JSON = "json"


@contextmanager
def _person(name: str | None) -> Iterator[tuple[Store, User | None]]:
    """Open the store for a person who must be known if named; the one at the keyboard may be new (None)."""
    from assistant.chat.workspace import default_user
    from assistant.store import Store

    with Store.open() as store:
        yield store, store.users.require(name) if name is not None else store.users.find(default_user())


@contextmanager
def _conversation(name: str | None, number: int) -> Iterator[tuple[Store, User, Conversation]]:
    """Open the store at one of a person's conversations; replies whose writer was killed are marked first."""
    with _person(name) as (store, person):
        if person is None:
            raise BadInput("you have no conversations yet; --user NAME shows those of another person")
        conversation = store.conversations.get(person.id, number)
        store.conversations.recover(conversation.id)
        yield store, person, conversation


@app.command("list")
def list_(
    user: options.User = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Those that can be brought back.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """List a person's conversations: the pinned ones first, then the latest."""
    with _person(user) as (store, person):
        found = store.conversations.list(person.id, deleted=deleted) if person else []
    if as_json:
        rows = [
            {
                "id": each.id,
                "title": each.title,
                "created_at": each.created_at.isoformat(),
                "updated_at": each.updated_at.isoformat(),
                "messages": each.messages,
                "pinned": each.pinned,
                "deleted_at": each.deleted_at.isoformat() if each.deleted_at else None,
            }
            for each in found
        ]
        typer.echo(to_json(rows))
        return
    if not found:
        typer.echo("No deleted conversations." if deleted else "No conversations yet.")
    for each in found:
        when = each.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
        pinned = " (pinned)" if each.pinned else ""
        typer.echo(f"{each.id:>5}  {when}  {each.messages:>3} messages  {one_line(each.title)}{pinned}")


@app.command("show")
def show(number: Number, user: options.User = None, as_json: options.AsJson = False) -> None:
    """Print a conversation, as JSON with all its branches."""
    from assistant.chat.transcript import as_markdown

    with _conversation(user, number) as (store, person, conversation):
        if as_json:
            typer.echo(to_json(store.exchange.dump(person.id, number)))
        else:
            messages = store.branches.path(number)
            typer.echo(printable(as_markdown(conversation.title, person.name, messages)), nl=False)


@app.command("search")
def search(text: str, user: options.User = None, as_json: options.AsJson = False) -> None:
    """Find the messages of a person that hold all words of a text, the latest first.

    A word matches the beginning of longer ones; "words in quotes" match as they stand.
    """
    if not text.strip():
        raise BadInput("there is nothing to search for")
    with _person(user) as (store, person):
        hits = store.search(person.id, text) if person else []
    if as_json:
        rows = [
            {
                "conversation": hit.conversation_id,
                "title": hit.title,
                "message": hit.message.id,
                "role": hit.message.role,
                "snippet": hit.snippet,
                "content": hit.message.content,
            }
            for hit in hits
        ]
        typer.echo(to_json(rows))
        return
    if not hits:
        typer.echo("Nothing found.")
    for hit in hits:
        typer.echo(f"{hit.conversation_id:>5}  {one_line(hit.title)}: {one_line(hit.snippet)}")


@app.command("export")
def export(
    number: Number,
    user: options.User = None,
    form: Annotated[Format, typer.Option("--format", help="Markdown to read, JSON with everything.")] = Format.MARKDOWN,
    file: Annotated[Path | None, typer.Option("--file", help="Write here instead of the standard output.")] = None,
) -> None:
    """Write a conversation to a file: the branch that it is on as Markdown, all of them as JSON."""
    from assistant.chat.transcript import as_markdown

    with _conversation(user, number) as (store, person, conversation):
        if form is Format.JSON:
            text = to_json(store.exchange.dump(person.id, number), indent=2) + "\n"
        else:
            text = as_markdown(conversation.title, person.name, store.branches.path(number))
    if file is None:
        typer.echo(text if form is Format.JSON else printable(text), nl=False)
        return
    from assistant.cli.files import write_new

    write_new(file, text)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON as written by export; - reads the standard input.")],
    user: options.User = None,
) -> None:
    """Add a conversation that was exported as JSON; someone named for the first time is created."""
    from assistant.chat.workspace import Workspace, default_user
    from assistant.cli.files import read_json

    values = read_json(file, "conversations export --format json")
    with Workspace.open() as workspace:
        person = workspace.store.users.ensure(default_user() if user is None else user, workspace.neutral)
        found = workspace.store.exchange.load(person.id, values)
    typer.echo(f"Added “{one_line(found.title)}” as conversation {found.id}.")


@app.command("rename")
def rename(number: Number, title: str, user: options.User = None) -> None:
    """Give a conversation another title."""
    with _conversation(user, number) as (store, person, _):
        title = store.conversations.rename(person.id, number, title)
    typer.echo(f"Conversation {number} is now called “{one_line(title)}”.")


@app.command("pin")
def pin(
    number: Number,
    user: options.User = None,
    off: Annotated[bool, typer.Option("--off", help="No longer.")] = False,
) -> None:
    """Keep a conversation at the top of the list."""
    with _conversation(user, number) as (store, person, _):
        store.conversations.pin(person.id, number, not off)
    typer.echo("No longer pinned." if off else "Pinned.")


@app.command("delete")
def delete(
    number: Number,
    user: options.User = None,
    for_good: Annotated[bool, typer.Option("--for-good", help="At once, without a way back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a conversation; undelete brings it back for 30 days, unless it is deleted for good."""
    from assistant.store.conversations import KEPT_DAYS

    with _person(user) as (store, person):
        if person is None:
            raise BadInput("you have no conversations yet; --user NAME shows those of another person")
        if not for_good:
            store.conversations.delete(person.id, number)
            typer.echo(f"Deleted; conversations undelete {number} brings it back, for {KEPT_DAYS} days.")
            return
        name = store.exchange.dump(person.id, number, deleted=True)["title"]
        if not yes and not typer.confirm(f"Delete “{one_line(name)}” for good?"):
            raise BadInput("nothing was deleted")
        left = store.conversations.purge(person.id, number)
    typer.echo("Deleted for good.")
    tell_copies(left)


@app.command("undelete")
def undelete(number: Number, user: options.User = None) -> None:
    """Bring a deleted conversation back."""
    with _person(user) as (store, person):
        if person is None:
            raise BadInput("you have no conversations yet; --user NAME shows those of another person")
        found = store.conversations.undelete(person.id, number)
    typer.echo(f"“{one_line(found.title)}” is back.")
