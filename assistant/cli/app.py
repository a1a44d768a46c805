"""The `assistant` command: its groups, and how errors leave it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from assistant.cli import train as train_command

app = typer.Typer(
    name="assistant",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train_command.train)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status; expected errors become one line on stderr."""
    from assistant.errors import AssistantError
    from assistant.style import ProfileError

    try:
        outcome = app(list(arguments), standalone_mode=True)
        return int(outcome or 0)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except AssistantError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except ProfileError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


@app.callback(invoke_without_command=True)
def chat(context: typer.Context) -> None:
    """Chat with a language model on this machine, in the voice that you choose."""
