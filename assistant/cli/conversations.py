"""`assistant conversations`: what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.chat.display import printable
from assistant.cli import options
from assistant.cli.text import as_json as to_json
from assistant.cli.text import one_line
from assistant.errors import BadInput

if TYPE_CHECKING:
    from assistant.store import Conversation, Message, Store, User

app = typer.Typer(
    name="conversations", help="List, read, search, export and delete conversations.", no_args_is_help=True
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
def list_(user: options.User = None, as_json: options.AsJson = False) -> None:
    """List a person's conversations, the latest first."""
    with _person(user) as (store, person):
        found = store.conversations.list(person.id) if person else []
    if as_json:
        rows = [
            {
                "id": each.id,
                "title": each.title,
                "created_at": each.created_at.isoformat(),
                "updated_at": each.updated_at.isoformat(),
                "messages": each.messages,
            }
            for each in found
        ]
        typer.echo(to_json(rows))
        return
    if not found:
        typer.echo("No conversations yet.")
    for each in found:
        when = each.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
        typer.echo(f"{each.id:>5}  {when}  {each.messages:>3} messages  {one_line(each.title)}")


@app.command("show")
def show(number: Number, user: options.User = None, as_json: options.AsJson = False) -> None:
    """Print a conversation."""
    with _conversation(user, number) as (store, person, conversation):
        if as_json:
            typer.echo(to_json(store.exchange.dump(person.id, number)))
        else:
            messages = store.branches.path(number)
            typer.echo(printable(_markdown(conversation.title, person.name, messages)), nl=False)


@app.command("search")
def search(text: str, user: options.User = None, as_json: options.AsJson = False) -> None:
    """Find a text in a person's messages, the latest first."""
    if not text.strip():
        raise BadInput("there is nothing to search for")
    with _person(user) as (store, person):
        hits = store.search(person.id, text) if person else []
    if as_json:
        rows = [
            {
                "conversation": hit.conversation_id,
                "title": hit.title,
                "role": hit.message.role,
                "content": hit.message.content,
            }
            for hit in hits
        ]
        typer.echo(to_json(rows))
        return
    if not hits:
        typer.echo("Nothing found.")
    for hit in hits:
        typer.echo(f"{hit.conversation_id:>5}  {one_line(hit.title)}: {one_line(_snippet(hit.message.content, text))}")


@app.command("export")
def export(
    number: Number,
    user: options.User = None,
    form: Annotated[Format, typer.Option("--format", help="Markdown to read, JSON with everything.")] = Format.MARKDOWN,
    file: Annotated[Path | None, typer.Option("--file", help="Write here instead of the standard output.")] = None,
) -> None:
    """Write a conversation to a file."""
    with _conversation(user, number) as (store, person, conversation):
        if form is Format.JSON:
            text = to_json(store.exchange.dump(person.id, number), indent=2) + "\n"
        else:
            text = _markdown(conversation.title, person.name, store.branches.path(number))
    if file is None:
        typer.echo(text if form is Format.JSON else printable(text), nl=False)
        return
    from assistant.cli.files import write_new

    write_new(file, text)


@app.command("delete")
def delete(
    number: Number, user: options.User = None, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Delete a conversation; this cannot be undone."""
    with _conversation(user, number) as (store, person, conversation):
        if not yes and not typer.confirm(f"Delete “{one_line(conversation.title)}” for good?"):
            raise BadInput("nothing was deleted")
        store.conversations.purge(person.id, number)
    typer.echo("Deleted.")


_ENDINGS = {"stopped": "stopped", "interrupted": "interrupted", "streaming": "being written", "failed": "failed"}


def _markdown(title: str, person: str, messages: Sequence[Message]) -> str:
    parts = [f"# {title}"]
    for message in messages:
        speaker = person if message.role == "user" else "assistant" if message.role == "assistant" else message.role
        ending = _ENDINGS.get(message.status)
        parts.append(f"**{speaker}**{f' ({ending})' if ending else ''}\n\n{message.content}".rstrip())
    return "\n\n".join(parts) + "\n"


def _snippet(content: str, text: str, around: int = 40) -> str:
    flat = " ".join(content.split())
    at = max(flat.lower().find(" ".join(text.lower().split())), 0)
    start, end = max(at - around, 0), at + len(text) + around
    return f"{'…' if start else ''}{flat[start:end]}{'…' if end < len(flat) else ''}"
