"""The chat in a browser on this machine: textual-serve, on loopback, for pages of its own alone.

Any page that is open in the browser may try to talk to a server on loopback; so a request counts only when it was sent
to this server's own name (against DNS rebinding) and, where a page sent it, from a page of this server.
"""

from __future__ import annotations

import asyncio
import shlex
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
"""Folder of our own page: textual-serve's asks for a font from elsewhere."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LoopbackServer(Server):
    """Opens a chat for each page; refuses what does not come from a page of its own."""

    def __init__(self, arguments: Sequence[str], port: int) -> None:
        """Prepare to serve on `port`; `arguments` are those of the `assistant` that each page opens."""
        command = shlex.join([sys.executable, "-m", "assistant", *arguments])
        super().__init__(command, host=HOST, port=port, title="assistant", templates_path=PAGE)
        names = (HOST, "localhost")
        self._hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())
        self._origins = {f"http://{host}" for host in self._hosts}

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer only those who mean this server, and let its pages load nothing from elsewhere."""
        hosts, origins = (request.headers.getall(name, []) for name in ("Host", "Origin"))
        meant = len(hosts) == 1 and hosts[0].lower() in self._hosts and request.raw_path.startswith("/")
        if not meant:
            raise web.HTTPForbidden(text=f"This server answers only to {self.public_url}.\n")
        named = len(origins) == 1 or (not origins and "Upgrade" not in request.headers)  # sockets always name theirs
        if not named or any(origin.lower() not in self._origins for origin in origins) or _sent_by_another(request):
            raise web.HTTPForbidden(text="This server answers only its own pages.\n")
        response = await handler(request)
        if not response.prepared:
            sockets = " ".join(f"ws://{host}" for host in sorted(self._hosts))
            response.headers["Content-Security-Policy"] = (
                f"default-src 'self' http://{HOST}:{self.port} 'unsafe-inline' data: blob:; "
                f"script-src 'self' http://{HOST}:{self.port} 'unsafe-inline' 'wasm-unsafe-eval'; "
                f"connect-src 'self' {sockets}; frame-ancestors 'none'"
            )
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def serve(self, debug: bool = False) -> None:
        """Serve until Ctrl+C; where the chat is, is said once it can be reached.

        Raises:
            OSError: the port cannot be used.
        """
        self.debug = debug
        with socket.create_server((HOST, self.port)) as listening:
            print(f"The chat is at {self.public_url}, on this machine alone. Ctrl+C ends it.", flush=True)
            loop = asyncio.new_event_loop()
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(each, self.request_exit)
            web.run_app(self._make_app(), sock=listening, handle_signals=False, loop=loop, print=None)

    async def on_startup(self, app: web.Application) -> None:
        """Print no banner."""

    def initialize_logging(self) -> None:
        """Leave logging as it is: requests are not worth a line each."""


def _sent_by_another(request: web.Request) -> bool:
    """Return whether the browser says that another site's page asks for this, other than by a link to follow."""
    followed = request.path == "/" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and not followed
