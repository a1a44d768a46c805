"""`assistant profile`: show, set and take back a person's profile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import options
from assistant.cli.text import as_json as to_json
from assistant.cli.text import one_line, profile_lines
from assistant.errors import BadInput
from assistant.style import Profile

if TYPE_CHECKING:
    from assistant.chat.workspace import Workspace
    from assistant.store import ProfileRevision, User

app = typer.Typer(name="profile", help="Show, set and take back a person's profile.", no_args_is_help=True)


@contextmanager
def _person(name: str | None, bank: Path | None = None) -> Iterator[tuple[Workspace, User]]:
    """Open the workspace for a person who must be known if named, so that a slip of the keys creates nobody."""
    from assistant.chat.workspace import Workspace, default_user

    with Workspace.open(bank) as workspace:
        users = workspace.store.users
        yield workspace, users.require(name) if name is not None else users.ensure(default_user(), workspace.neutral)


def _show(workspace: Workspace, user: User, revision: ProfileRevision, as_json: bool) -> None:
    profile = revision.profile.aligned(workspace.names)
    if as_json:
        typer.echo(to_json({"user": user.name, "revision": revision.number, **profile.as_dict()}))
    else:
        typer.echo(f"{one_line(user.name)}, revision {revision.number}\n{profile_lines(profile, workspace.attributes)}")


@app.command("show")
def show(user: options.User = None, as_json: options.AsJson = False, bank: options.Bank = None) -> None:
    """Show a person's profile."""
    with _person(user, bank) as (workspace, person):
        _show(workspace, person, workspace.store.profiles.current(person.id), as_json)


@app.command("set")
def set_(
    user: options.User = None,
    alpha: options.Alpha = None,
    lambda_: options.Lambda = None,
    strength: options.Strength = None,
    compose: options.Composition = None,
    as_json: options.AsJson = False,
    bank: options.Bank = None,
) -> None:
    """Change a person's profile; someone named for the first time is created.

    Attributes named with --alpha alone share all the weight evenly among them; add --lambda to say otherwise.
    """
    change = options.voice(alpha, lambda_, strength, compose)
    if not any(value not in (None, {}) for value in change.values()):
        raise BadInput("there is nothing to set: give --alpha, --lambda, --strength or --compose")
    words = [f"--alpha {text}" for text in alpha or ()] + [f"--lambda {text}" for text in lambda_ or ()]
    words += [f"--strength {strength:g}"] if strength is not None else []
    words += [f"--compose {compose}"] if compose is not None else []
    from assistant.chat.workspace import Workspace, default_user

    with Workspace.open(bank) as workspace:
        workspace.neutral.with_options(**change)  # refuses unknown attributes and bad values before anybody is created
        person = workspace.store.users.ensure(default_user() if user is None else user, workspace.neutral)
        revision = workspace.store.profiles.change(
            person.id,
            lambda profile: profile.aligned(workspace.names).with_options(**change),
            "set",
            "profile set " + " ".join(words),
        )
        _show(workspace, person, revision, as_json)


@app.command("history")
def history(
    user: options.User = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, max=1_000_000, help="Show the newest so many.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show what changed a person's profile, the newest first."""
    from assistant.chat.wording import changes

    with _person(user) as (workspace, person):
        revisions = workspace.store.profiles.history(person.id, limit)
    if as_json:
        fields = {"number", "kind", "cause", "before", "after", "created_at"}
        typer.echo(to_json([each.model_dump(mode="json", include=fields) for each in revisions]))
        return
    for each in revisions:
        when = each.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        what = changes(Profile.from_dict(each.before), each.profile) if each.before else "a neutral profile"
        typer.echo(f"{each.number:>4}  {when}  {one_line(f'{each.cause}: {what}')}")


@app.command("undo")
def undo(user: options.User = None, as_json: options.AsJson = False) -> None:
    """Take back the last change."""
    with _person(user) as (workspace, person):
        _show(workspace, person, workspace.store.profiles.undo(person.id), as_json)


@app.command("redo")
def redo(user: options.User = None, as_json: options.AsJson = False) -> None:
    """Make the change taken back last again."""
    with _person(user) as (workspace, person):
        _show(workspace, person, workspace.store.profiles.redo(person.id), as_json)


@app.command("reset")
def reset(user: options.User = None, as_json: options.AsJson = False) -> None:
    """Go back to the neutral profile; undo brings the old one back."""
    with _person(user) as (workspace, person):
        neutral = workspace.neutral
        revision = workspace.store.profiles.change(person.id, lambda _: neutral, "reset", "profile reset")
        _show(workspace, person, revision, as_json)


@app.command("export")
def export(
    user: options.User = None,
    file: Annotated[Path | None, typer.Option("--file", help="Write here instead of the standard output.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="On one line.")] = False,
) -> None:
    """Write a person's profile as JSON."""
    with _person(user) as (workspace, person):
        profile = workspace.store.profiles.current(person.id).profile
    text = to_json(profile.as_dict(), indent=None if as_json else 2)
    if file is None:
        typer.echo(text)
        return
    from assistant.cli.files import write_new

    write_new(file, text + "\n")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON as written by export; - reads the standard input.")],
    user: options.User = None,
    as_json: options.AsJson = False,
) -> None:
    """Replace a person's profile by one that was exported; someone named for the first time is created.

    Attributes that the bank lacks are kept for a bank that has them.
    """
    from assistant.chat.workspace import Workspace, default_user

    profile = _read(file)
    with Workspace.open() as workspace:
        profile.aligned(workspace.names)  # refuses a profile without weight on anything that the bank can voice
        person = workspace.store.users.ensure(default_user() if user is None else user, workspace.neutral)
        revision = workspace.store.profiles.change(
            person.id, lambda _: profile, "import", f"profile import {file.name}"
        )
        _show(workspace, person, revision, as_json)


def _read(file: Path) -> Profile:
    """Return the profile in a file, or on the standard input when it is named "-".

    Raises:
        BadInput: it cannot be read or is not JSON.
        ProfileError: it is not a profile.
    """
    from assistant.cli.files import read_json

    try:
        return Profile.from_dict(read_json(file, "profile export"))
    except OverflowError as error:
        raise BadInput(f"{file} holds a number that is too large: give what profile export wrote") from error


@app.command("fit")
def fit(
    file: Annotated[Path, typer.Argument(help="A text that sounds the way you want; - reads the standard input.")],
    user: options.User = None,
    as_json: options.AsJson = False,
    bank: options.Bank = None,
) -> None:
    """Set a person's profile to what should sound like a text; someone named for the first time is created."""
    from assistant.chat.learning import Learning
    from assistant.chat.workspace import Workspace, default_user
    from assistant.cli.files import read_text

    text = read_text(file)
    if not text.strip():
        raise BadInput(f"{file} holds no text")
    with Workspace.open(bank) as workspace:
        person = workspace.store.users.ensure(default_user() if user is None else user, workspace.neutral)
        Learning(workspace).like(person.id, text)
        _show(workspace, person, workspace.store.profiles.current(person.id), as_json)


@app.command("why")
def why(user: options.User = None, as_json: options.AsJson = False, bank: options.Bank = None) -> None:
    """Show what each piece of evidence did to a person's profile, the newest first, and what is believed of them."""
    from assistant.chat.learning import Learning
    from assistant.chat.retelling import belief, believed

    with _person(user, bank) as (workspace, person):
        evidence = workspace.store.learning.list(person.id)
        learner = Learning(workspace).learner(person.id)
    if as_json:
        fields = {"number", "bank", "kind", "content", "why", "message_id", "created_at"}
        typer.echo(
            to_json(
                {
                    "believed": believed(learner),
                    "evidence": [each.model_dump(mode="json", include=fields) for each in evidence],
                }
            )
        )
        return
    for each in evidence:
        typer.echo(f"{each.number:>4}  {each.created_at.astimezone():%Y-%m-%d %H:%M:%S}  {one_line(each.why)}")
    typer.echo(belief(learner, learner.attributes) if evidence else "There is no evidence yet: rate a reply.")


@app.command("as")
def as_(
    when: Annotated[str, typer.Argument(help="A time, such as “1d ago”, yesterday, 2026-11-20 or “2026-11-20 14:30”.")],
    restore: Annotated[bool, typer.Option("--restore", help="Go back to it.")] = False,
    user: options.User = None,
    as_json: options.AsJson = False,
    bank: options.Bank = None,
) -> None:
    """Show a person's profile as it was, and what differs now."""
    from assistant.chat.moments import moment
    from assistant.chat.wording import changes

    with _person(user, bank) as (workspace, person):
        profiles = workspace.store.profiles
        then = profiles.at(person.id, moment(when))
        if restore:
            old = then.profile
            now = profiles.change(person.id, lambda _: old, "set", f"profile as {when} --restore")
            _show(workspace, person, now, as_json)
            return
        _show(workspace, person, then, as_json)
        old, new = (each.aligned(workspace.names) for each in (then.profile, profiles.current(person.id).profile))
        if not as_json:
            typer.echo("It is the same now." if old == new else f"Since then: {changes(old, new)}.")


@app.command("voice")
def voice(
    name: Annotated[str | None, typer.Argument(help="A voice; without one they are listed.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Save the present profile under that name.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the saved voice of that name.")] = False,
    user: options.User = None,
    as_json: options.AsJson = False,
    bank: options.Bank = None,
) -> None:
    """List the voices that have a name, or take one up: a butler, a best friend, or one that was saved."""
    from assistant.chat.presets import preset, presets

    if (save or delete) and (name is None or (save and delete)):
        raise BadInput("--save and --delete need one name and exclude each other")
    with _person(user, bank) as (workspace, person):
        store = workspace.store
        if name is not None and save:
            store.voices.save(person.id, name, store.profiles.current(person.id).profile)
            typer.echo(f"Saved as {one_line(name)}.")
            return
        if name is not None and delete:
            store.voices.delete(person.id, name)
            typer.echo(f"Deleted {one_line(name)}.")
            return
        known = presets(store, person.id, workspace.names)
        if name is None:
            if as_json:
                typer.echo(to_json([{"name": each.name, "own": each.own, **each.profile.as_dict()} for each in known]))
            for each in known if not as_json else ():
                typer.echo(f"{one_line(each.name)}: {each.about}")
            return
        chosen = preset(known, name)
        cause = f"profile voice {chosen.name}"
        _show(
            workspace,
            person,
            store.profiles.change(person.id, lambda _: chosen.profile, "set", cause),
            as_json,
        )
