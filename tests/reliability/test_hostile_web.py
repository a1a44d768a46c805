"""The chat in a browser, attacked by bytes: who is let in, whatever form the names of host and origin have."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.tui.web import HOST
from tests.tui.test_web import free_port

KEY = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
KEY += b"\r\nSec-WebSocket-Key: " + b"A" * 22 + b"=="


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The real server, in a process of its own."""
    number = free_port()
    command = [sys.executable, "-m", "assistant", "serve-web", "--port", str(number), "--user", "webby"]
    home = str(tmp_path_factory.mktemp("home"))
    server = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "ASSISTANT_HOME": home, "PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,
    )
    assert server.stdout is not None
    assert str(number) in server.stdout.readline()
    yield number
    os.killpg(server.pid, signal.SIGKILL)  # with the chats that it opened
    server.wait(timeout=20)


def answer(port: int, request: bytes) -> int:
    """Send bytes and return the status of the answer, 0 when the server just hangs up."""
    deadline = time.monotonic() + 30
    with socket.create_connection((HOST, port), timeout=30) as connection:
        connection.sendall(request.replace(b"PORT", str(port).encode()))
        got = b""
        while b"\r\n" not in got and time.monotonic() < deadline:
            piece = connection.recv(4096)
            if not piece:
                break
            got += piece
    return int(got.split()[1]) if got else 0


def page(*lines: bytes, target: bytes = b"/", version: bytes = b"1.1") -> bytes:
    return b"GET " + target + b" HTTP/" + version + b"\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


OURS = [b"127.0.0.1:PORT", b"localhost:PORT", b"LocalHost:PORT", b" 127.0.0.1:PORT "]
FOREIGN = [
    b"evil.example",
    b"evil.example:PORT",
    b"127.0.0.1.evil.example:PORT",
    b"localhost.evil.example:PORT",
    b"localhost.:PORT",
    b"127.0.0.1.:PORT",
    b"127.1:PORT",
    b"2130706433:PORT",
    b"0x7f.1:PORT",
    b"0.0.0.0:PORT",
    b"[::1]:PORT",
    b"[::ffff:127.0.0.1]:PORT",
    b"127.0.0.1",
    b"localhost",
    b"127.0.0.1:1",
    b"127.0.0.1:0PORT",
    b"127.0.0.1:PORT:PORT",
    b"user@127.0.0.1:PORT",
    b"127.0.0.1:PORT@evil.example",
    b"127.0.0.1:PORT,evil.example",
    b"127.0.0.1:PORT/",
    b"\xc5\x82ocalhost:PORT",
    b"localhost\x00:PORT",
    b"",
]
ORIGINS = [
    b"http://evil.example",
    b"http://evil.example:PORT",
    b"https://127.0.0.1:PORT",
    b"http://127.0.0.1",
    b"http://127.0.0.1:1",
    b"http://localhost.:PORT",
    b"http://[::1]:PORT",
    b"http://127.0.0.1:PORT.evil.example",
    b"http://127.0.0.1:PORT@evil.example",
    b"http://127.0.0.1:PORT/",
    b"http://127.0.0.1:PORT http://evil.example",
    b"//127.0.0.1:PORT",
    b"file://",
    b"null",
    b"",
]


@pytest.mark.parametrize("host", OURS)
def test_the_person_gets_in(port: int, host: bytes) -> None:
    assert answer(port, page(b"Host: " + host)) == 200
    origin = b"Origin: http://" + host.strip()
    assert answer(port, page(b"Host: " + host, origin)) == 200
    assert answer(port, page(b"Host: " + host, b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: navigate")) == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_host_does_not(port: int, host: bytes) -> None:
    origin = b"Origin: http://127.0.0.1:PORT"
    for target in (b"/", b"/ws", b"/static/js/textual.js", b"/download/x"):
        assert answer(port, page(b"Host: " + host, target=target)) in (400, 403)
        assert answer(port, page(b"Host: " + host, origin, KEY, target=target)) in (400, 403)


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_of_another_origin_does_not(port: int, origin: bytes) -> None:
    for target in (b"/", b"/ws", b"/download/x"):
        lines = (b"Host: 127.0.0.1:PORT", b"Origin: " + origin, KEY)
        assert answer(port, page(*lines, target=target)) in (400, 403)


@pytest.mark.parametrize(
    "request_",
    [
        page(target=b"/"),
        page(version=b"1.0"),
        page(b"Host: evil.example", b"Host: 127.0.0.1:PORT"),
        page(b"Host: 127.0.0.1:PORT", b"Host: evil.example"),
        page(b"Host: 127.0.0.1:PORT", b"Host: 127.0.0.1:PORT"),
        page(b"Host: 127.0.0.1:PORT", b"Origin: http://127.0.0.1:PORT", b"Origin: http://evil.example"),
        page(b"Host: 127.0.0.1:PORT", b"Origin: http://evil.example", b"Origin: http://127.0.0.1:PORT"),
        page(b"Host: 127.0.0.1:PORT", target=b"http://evil.example/"),
        page(b"Host: 127.0.0.1:PORT", b" evil.example"),
        page(b"Host : 127.0.0.1:PORT"),
        page(b"Host: 127.0.0.1:PORT", KEY, target=b"/ws"),  # every browser says which page opens a socket
        page(b"Host: 127.0.0.1:PORT", b"Sec-Fetch-Site: cross-site"),
        page(b"Host: 127.0.0.1:PORT", b"Sec-Fetch-Site: same-site", b"Sec-Fetch-Mode: no-cors"),
        page(b"Host: 127.0.0.1:PORT", b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: navigate", target=b"/ws"),
        page(b"Host: 127.0.0.1:PORT", b"Origin: http://localhost:PORT", b"Sec-Fetch-Site: cross-site"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # TLS
        b"GET /\r\n\r\n",
        b"\x00" * 64 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
)
def test_odd_requests_are_refused(port: int, request_: bytes) -> None:
    assert answer(port, request_) in (0, 400, 403, 404, 405)


@pytest.mark.parametrize(
    "target", [b"/static/../../../../etc/passwd", b"/static/%2e%2e/%2e%2e/server.py", b"//etc/passwd"]
)
def test_no_file_beside_the_page_is_given_out(port: int, target: bytes) -> None:
    assert answer(port, page(b"Host: 127.0.0.1:PORT", target=target)) in (400, 403, 404)


def test_the_page_of_the_server_opens_a_chat_after_all_this(port: int) -> None:
    lines = (b"Host: 127.0.0.1:PORT", b"Origin: http://127.0.0.1:PORT", KEY)
    assert answer(port, page(*lines, target=b"/ws")) == 101


def test_it_listens_on_loopback_alone(port: int) -> None:
    hexadecimal = f"{port:04X}"
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and local.endswith(f":{hexadecimal}"):
                listening.append(local)
    assert listening == [f"0100007F:{hexadecimal}"]
