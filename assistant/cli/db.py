"""`assistant db`: the database file itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.text import one_line

app = typer.Typer(name="db", help="Back up, restore, check, upgrade and mend the database.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema; an older one is copied aside first.

    Opening the program does the same.
    """
    from assistant.store import Store

    with Store.open() as store:
        typer.echo(one_line(f"{store.database.path} is at schema {store.database.revision()}."))


@app.command("backup")
def backup(
    file: Annotated[Path | None, typer.Argument(help="File of the copy. Default: beside the database.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="The same as FILE.", hidden=True)] = None,
) -> None:
    """Copy the database, also while a chat is open; the copy is readable by you alone, and is checked."""
    from assistant import locations
    from assistant.store import StoreError, StoreInputError, backups, restoring, trouble

    path = locations.database()
    if not path.exists() or path.stat().st_size == 0:
        raise StoreInputError(f"there is no database in {path.parent} yet, so there is nothing to copy")
    target = file or to or backups.unused(path, "")
    if target.exists():
        raise StoreInputError(f"{target} exists already: name another file")
    backups.copy(path, target)
    wrong = trouble.faults(target)
    if wrong and file is None and to is None:  # it is not to be taken for a backup
        target = target.rename(backups.unused(path, "damaged-", ""))
    if wrong:
        raise StoreError(
            f"copied to {target}, but the database is damaged, and so is the copy. {trouble.damaged(path)}"
        )
    typer.echo(one_line(f"Copied to {target}: {restoring.content(target)}."))


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `assistant db backup` or an upgrade has made.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Bring a backup back. It is checked first; the database that is there is kept beside it under another name."""
    from assistant import locations
    from assistant.store import restoring

    path = locations.database().resolve()
    with restoring.staged(file, path) as (copy, content):
        if not yes:
            typer.echo(one_line(f"{file} holds {content}."))
            typer.confirm(f"Put it in the place of {path}, which is kept under another name?", abort=True)
        kept = restoring.replace(path, copy)
    typer.echo(one_line(f"Restored from {file}: {content}."))
    if kept is not None:
        typer.echo(one_line(f"What was there before is kept in {kept}."))


@app.command("rescue")
def rescue(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Take over what can still be read of a damaged database into a new one; the damaged file is kept."""
    from assistant import locations
    from assistant.store import rescuing, restoring

    path = locations.database().resolve()
    with rescuing.staged(path) as (copy, content):
        typer.echo(f"What can be read: {content}.")
        if not yes:
            typer.confirm(f"Put that in the place of {path}, which is kept under another name?", abort=True)
        kept = restoring.replace(path, copy)
    typer.echo(f"{path} holds that now; the damaged file is kept in {kept}.")


@app.command("downgrade")
def downgrade(
    revision: Annotated[str, typer.Argument(help="Schema of the older program, such as 0002.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Bring the database back to an older schema, for an older version of the program; a copy is made first."""
    from assistant import locations
    from assistant.store import restoring, schema

    path = locations.database().resolve()
    if not yes and revision in restoring.older(path):
        for loss in filter(None, schema.losses(path, revision)):
            typer.echo(one_line(f"Lost: {loss}."))
        typer.confirm(f"Bring {path} back to schema {revision}?", abort=True)
    copy = restoring.downgrade(path, revision)
    typer.echo(
        one_line(f"{path} is at schema {revision}; this program would upgrade it again. The copy from before: {copy}")
    )


@app.command("check")
def check() -> None:
    """Check that the database is sound; the exit status is 1 when it is not.

    Replies whose writer was killed are marked as interrupted first, as a chat does when it opens their conversation.
    What can be made anew from the rest is, too: the search index, and the indices of the tables.
    """
    from assistant.store import Store

    with Store.open() as store:
        store.conversations.recover()
        for mended in store.database.mend():
            typer.echo(mended)
        faults = store.database.check()
        path = store.database.path
    for fault in faults:
        typer.echo(one_line(fault))
    if faults:
        raise typer.Exit(1)
    typer.echo(one_line(f"{path} is sound."))
