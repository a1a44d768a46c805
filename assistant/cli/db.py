"""`assistant db`: the database file itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.text import one_line

app = typer.Typer(name="db", help="Upgrade, back up and check the database.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema; an older one is copied aside first.

    Opening the program does the same.
    """
    from assistant.store import Store

    with Store.open() as store:
        typer.echo(f"{one_line(str(store.database.path))} is at schema {store.database.revision()}.")


@app.command("backup")
def backup(
    to: Annotated[Path | None, typer.Option("--to", help="File of the copy. Default: beside the database.")] = None,
) -> None:
    """Copy the database, also while a chat is open."""
    from assistant.store import Store

    with Store.open() as store:
        path = store.database.path
        target = to or path.with_name(f"{path.name}.{datetime.now():%Y%m%d-%H%M%S}.bak")
        typer.echo(f"Copied to {one_line(str(store.database.backup(target)))}.")


@app.command("check")
def check() -> None:
    """Check that the database is sound; the exit status is 1 when it is not."""
    from assistant.store import Store

    with Store.open() as store:
        faults = store.database.check()
        path = store.database.path
    for fault in faults:
        typer.echo(one_line(fault))
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{one_line(str(path))} is sound.")
