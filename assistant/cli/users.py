"""`assistant users`: the people on this machine."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import options
from assistant.cli.text import as_json as to_json
from assistant.cli.text import one_line, tell_copies
from assistant.errors import BadInput

if TYPE_CHECKING:
    from assistant.store import Store, User

app = typer.Typer(
    name="users", help="List, add, rename, export, import and delete the people on this machine.", no_args_is_help=True
)


@app.command("list")
def list_(as_json: options.AsJson = False) -> None:
    """List everybody."""
    from assistant.store import Store

    with Store.open() as store:
        rows = [
            {
                "name": each.user.name,
                "created_at": each.user.created_at.isoformat(),
                "conversations": each.conversations,
                "revision": each.revision,
            }
            for each in store.users.summaries()
        ]
    if as_json:
        typer.echo(to_json(rows))
        return
    if not rows:
        typer.echo("Nobody yet: `assistant users add NAME` adds a person, and so does a first chat.")
    for row in rows:
        typer.echo(f"{one_line(str(row['name']))}: {_counted(row['conversations'])}, revision {row['revision']}")


@app.command("add")
def add(name: str) -> None:
    """Add a person with a neutral profile."""
    from assistant.chat.workspace import Workspace

    with Workspace.open() as workspace:
        user = workspace.store.users.add(name, workspace.neutral)
    typer.echo(f"Added {one_line(user.name)}.")


@app.command("rename")
def rename(old: str, new: str) -> None:
    """Give a person another name."""
    from assistant.store import Store

    with Store.open() as store:
        user = store.users.rename(old, new)
    typer.echo(f"{one_line(old)} is now {one_line(user.name)}.")


@app.command("export")
def export(name: str, file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Write all that is kept of a person as JSON: profile history, voices, conversations, thumbs and evidence."""
    from assistant.store import Store

    with Store.open() as store:
        _export(store, store.users.require(name), file)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON as written by export; - reads the standard input.")],
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Their name here.")] = None,
) -> None:
    """Bring back a person who was exported: profile history, voices, conversations, thumbs and what they taught.

    Nobody who is here is changed: with a name that is taken, nothing is imported.
    """
    from assistant.chat.importing import import_person
    from assistant.cli.files import read_json
    from assistant.store import Store

    values = read_json(file, "users export")
    with Store.open() as store:
        found = import_person(store, values, name)
    typer.echo(
        f"Imported {one_line(found.user.name)}: {_counted(found.conversations)}, revision {found.revisions}."
        + (f" Left out: thumbs on replies that the file does not hold ({found.left_out})." if found.left_out else "")
    )


@app.command("delete")
def delete(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    export_to: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Write all that is kept of them there first.")
    ] = None,
) -> None:
    """Delete a person with their profile history, conversations and thumbs; this cannot be undone."""
    from assistant.store import Store

    with Store.open() as store:
        user = store.users.require(name)
        if not yes:
            owned = _counted(len(store.conversations.list(user.id)))
            if export_to is None:
                copy = f"assistant users export {one_line(user.name)!r} FILE"
                typer.echo(f"To keep a copy first: {copy}, or --export FILE.", err=True)
            typed = typer.prompt(f"This deletes {one_line(user.name)} and {owned} for good. Type the name to go on")
            if unicodedata.normalize("NFC", typed.strip()) != user.name:
                raise BadInput("that is another name: nothing was deleted")
        if export_to is not None:
            _export(store, user, export_to)
        left = store.users.delete(user.name)
    typer.echo(f"Deleted {one_line(user.name)}.")
    tell_copies(left)


def _export(store: Store, user: User, file: Path) -> None:
    from assistant.cli.files import write_new
    from assistant.store.people import everything

    write_new(file, to_json(everything(store.database, user), indent=2) + "\n")
    file.chmod(0o600)
    typer.echo(f"Wrote {one_line(str(file))}.")


def _counted(conversations: object) -> str:
    return f"{conversations} conversation{'' if conversations == 1 else 's'}"
