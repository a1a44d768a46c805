"""The `assistant` command: its groups, and how errors leave it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from assistant.cli import (
    adapters,
    ask,
    bench,
    conversations,
    db,
    doctor,
    evaluate,
    options,
    profile,
    rate,
    score,
    serve_web,
    train,
    users,
)

app = typer.Typer(
    name="assistant",
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("ask")(ask.ask)
app.add_typer(profile.app)
app.add_typer(users.app)
app.add_typer(conversations.app)
app.command("rate")(rate.rate)
app.command("score")(score.score)
app.command("train")(train.train)
app.command("train-scorers")(score.train_scorers)
app.command("evaluate")(evaluate.evaluate)
app.add_typer(bench.app)
app.add_typer(adapters.app)
app.add_typer(db.app)
app.command("doctor")(doctor.doctor)
app.command("fetch")(doctor.fetch)
app.command("serve-web")(serve_web.serve_web)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status; expected errors become one line on stderr."""
    from assistant.chat.display import one_line
    from assistant.errors import AssistantError
    from assistant.style import ProfileError

    try:
        return int(app(list(arguments), standalone_mode=False, prog_name="assistant") or 0)
    except typer.Abort:
        print("stopped", file=sys.stderr)
        return 130
    except typer.TyperException as error:
        return _misused(error)
    except (AssistantError, ProfileError) as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return error.exit_code if isinstance(error, AssistantError) else 2
    except BrokenPipeError:  # whoever read our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"error: {_refused(error)}", file=sys.stderr)
        return 1
    return 0


def _refused(error: OSError) -> str:
    """Say in one line what the system refused, and what to do about it."""
    from assistant.chat.display import printable

    where = f" {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "free some space on the disk and try again"
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        advice = "make it writable, or set ASSISTANT_HOME and ASSISTANT_CACHE elsewhere"
    else:
        advice = "check the file and the disk that it is on"
    return " ".join(printable(f"cannot use{where or ' a file'} ({error.strerror or error}): {advice}").split())


def _misused(error: typer.TyperException) -> int:
    """Say in one line what is wrong with the words of a call; a group called without a command shows its help."""
    from assistant.chat.display import one_line

    text = str(getattr(error, "format_message", error.__str__)())
    if text.startswith("Usage:"):
        typer.echo(text)
        return 0
    command = getattr(getattr(error, "ctx", None), "command_path", "assistant")
    typer.echo(f"error: {one_line(text)} See {command} --help.", err=True)
    return int(getattr(error, "exit_code", 2))


def _version(wanted: bool) -> None:
    if wanted:
        from assistant import __version__

        typer.echo(f"assistant {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def chat(
    context: typer.Context,
    user: options.User = None,
    model: options.Model = None,
    bank: options.Bank = None,
    device: options.Device = None,
    arithmetic: options.Arithmetic = None,
    new: Annotated[
        bool, typer.Option("--new", help="Begin a new conversation instead of resuming the latest.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the latest conversation; so it is without --new.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Chat line by line, for screen readers and pipes; no colours.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Chat with a language model on this machine, in the voice that you choose.

    Without a command, the chat opens where you left off.
    """
    if context.invoked_subcommand is not None:
        return
    from assistant.cli.chat import open_chat
    from assistant.errors import BadInput

    if new and resume:
        raise BadInput("give either --new or --resume, not both")
    raise typer.Exit(open_chat(user, model, bank, device, arithmetic, new, plain))
