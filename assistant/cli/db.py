"""`assistant db`: the database file itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="db", help="Upgrade, back up and check the database.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema; an older one is copied aside first.

    Opening the program does the same.
    """
    from assistant.store import Store

    with Store.open() as store:
        typer.echo(f"{store.database.path} is at schema {store.database.revision()}.")


@app.command("backup")
def backup(
    to: Annotated[Path | None, typer.Option("--to", help="File of the copy. Default: beside the database.")] = None,
) -> None:
    """Copy the database, also while a chat is open."""
    from assistant.store import Store

    with Store.open() as store:
        path = store.database.path
        target = to or path.with_name(f"{path.name}.{datetime.now():%Y%m%d-%H%M%S}.bak")
        typer.echo(f"Copied to {store.database.backup(target)}.")


@app.command("check")
def check() -> None:
    """Check that the database is sound; the exit status is 1 when it is not.

    Replies whose writer was killed are marked as interrupted first, as a chat does when it opens their conversation.
    """
    from assistant.store import Store

    with Store.open() as store:
        store.conversations.recover()
        faults = store.database.check()
        path = store.database.path
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{path} is sound.")
