"""The program under an audit hook: writes down every file that it writes to and all that it asks of the network.

python -m tests.reliability.watched REPORT ALLOWED_FOLDER… -- ARGUMENTS OF THE PROGRAM
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate")
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind")
PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")


class Watch:
    """Listens to the interpreter's audit events."""

    def __init__(self, allowed: list[Path]) -> None:
        self._allowed = [path.resolve() for path in allowed]
        self.written: list[str] = []
        """Files that were written to outside the allowed folders."""
        self.asked: list[str] = []
        """What was asked of the network."""
        self.started: list[str] = []
        """Programs that were started."""
        self.count = 0
        """Files that were written to within the allowed folders."""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
            self._wrote(arguments[0])
        elif event in CHANGING or event == "sqlite3.connect":
            self._wrote(arguments[0])
            if event == "os.rename":
                self._wrote(arguments[1])
        elif event in NETWORK:
            self.asked.append(f"{event} {arguments[1:] if event == 'socket.connect' else arguments}")
        elif event in PROGRAMS:
            self.started.append(f"{event} {arguments[:2]}")

    def _wrote(self, what: Any) -> None:
        if isinstance(what, int) or what in (os.devnull, "/dev/tty", ":memory:"):
            return
        path = Path(os.fsdecode(what).removeprefix("file:").split("?")[0])
        path = path.parent.resolve() / path.name
        if any(path.is_relative_to(folder) for folder in self._allowed):
            self.count += 1
        else:
            self.written.append(str(path))


def main() -> int:
    """Run the program and write the report."""
    report, *rest = sys.argv[1:]
    mark = rest.index("--")
    watch = Watch([Path(each) for each in rest[:mark]])
    sys.argv[1:] = rest[mark + 1 :]
    sys.addaudithook(watch)
    from assistant.__main__ import main as program

    try:
        program()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        found = {name: getattr(watch, name) for name in ("written", "asked", "started", "count")}
        Path(report).write_text(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
