"""The chat in a browser: who is answered, and what a browser shows."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, WSServerHandshakeError, web

from assistant.tui.web import HOST, LoopbackServer


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    number = free_port()
    runner = web.AppRunner(await LoopbackServer(["--version"], number)._make_app())
    await runner.setup()
    site = web.TCPSite(runner, HOST, number)
    await site.start()
    yield number
    await runner.cleanup()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        (None, None, 200),
        ("localhost:PORT", "http://localhost:PORT", 200),
        ("evil.example", None, 403),
        ("evil.example:PORT", None, 403),
        ("127.0.0.1:1", None, 403),
        (None, "http://evil.example", 403),
        (None, "null", 403),
        (None, "https://127.0.0.1:PORT", 403),
        (None, "http://127.0.0.1:1", 403),
    ],
)
async def test_only_its_own_pages_are_answered(port: int, host: str | None, origin: str | None, status: int) -> None:
    given = {"Host": host, "Origin": origin}
    headers = {name: value.replace("PORT", str(port)) for name, value in given.items() if value}
    async with ClientSession() as client, client.get(f"http://{HOST}:{port}/", headers=headers) as answer:
        assert answer.status == status
        if status == 200:
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert f"ws://{HOST}:{port}/ws" in await answer.text()


async def test_a_foreign_page_opens_no_chat(port: int) -> None:
    async with ClientSession() as client:
        with pytest.raises(WSServerHandshakeError, match="403"):
            await client.ws_connect(f"http://{HOST}:{port}/ws", headers={"Origin": "http://evil.example"})
        async with client.ws_connect(f"http://{HOST}:{port}/ws", headers={"Origin": f"http://{HOST}:{port}"}) as socket:
            assert not socket.closed


async def test_nothing_that_is_served_names_a_foreign_host(port: int) -> None:
    own = f"http://{HOST}:{port}"
    async with ClientSession() as client:
        async with client.get(f"{own}/") as answer:
            page = await answer.text()
        parts = re.findall(rf'{own}(/[^"]+)', page)
        assert {part.rpartition(".")[2] for part in parts} == {"css", "js", "ttf"}
        texts = [page]
        for part in parts:
            async with client.get(own + part) as answer:
                assert answer.status == 200, part
                if not part.endswith("ttf"):
                    texts.append(await answer.text())
    for text in texts:
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)  # where xterm.js thanks those it came from
        hosts = set(re.findall(r"(?:[a-z]+:)?//([\w-]+(?:\.[\w-]+)+)", code))
        assert hosts <= {HOST}, hosts


def test_the_server_listens_on_loopback_alone() -> None:
    assert LoopbackServer([], 8020).host == "127.0.0.1"


def test_a_port_that_is_taken_is_one_line_and_no_address_is_promised() -> None:
    with socket.create_server((HOST, 0)) as taken:
        number = taken.getsockname()[1]
        command = [sys.executable, "-m", "assistant", "serve-web", "--port", str(number)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert (
        done.stderr
        == f"error: port {number} of {HOST} cannot be used (Address already in use): choose another by --port\n"
    )


@pytest.mark.model
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium (apt install chromium)")
def test_a_browser_opens_the_chat(tmp_path: Path, home: Path) -> None:
    number = free_port()
    serve = [sys.executable, "-m", "assistant", "serve-web", "--port", str(number), "--user", "webby"]
    browse = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}"]
    browse += ["--remote-debugging-port=0", f"http://{HOST}:{number}/"]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    browser = None
    try:
        assert server.stdout is not None
        assert str(number) in server.stdout.readline()
        browser = subprocess.Popen(browse, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 90
        while not (home / "assistant.db").exists():  # the chat that the page opened makes it
            assert time.monotonic() < deadline, "no chat was opened"
            time.sleep(0.1)
    finally:
        for process in filter(None, (browser, server)):
            process.terminate()
            process.wait(timeout=20)
