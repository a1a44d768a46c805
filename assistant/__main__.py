"""The entry point: runs the command line and turns every expected error into one clear line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `assistant` and leave with its exit status."""
    from assistant.cli.app import run
    from assistant.cli.process import leave, settle

    settle()
    leave(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
