"""The sandbox as a process: probes, page, memory, signals."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from sandbox.app import build_app
from tests.sandbox.conftest import NOBODY_LISTENS, crm_client, settings_for
from tests.sandbox.running import served
from tests.waiting import eventually


async def test_it_is_alive_ready_and_shows_what_it_is(shared_sandbox_url: str) -> None:
    async with httpx.AsyncClient(base_url=shared_sandbox_url) as client:
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        page = (await client.get("/")).text
    assert "Engage CRM" in page
    assert "test-outdoor.myshopify.com" in page


async def test_with_a_state_file_the_crm_survives_a_restart(tmp_path: Path) -> None:
    settings = settings_for(NOBODY_LISTENS, state_file=tmp_path / "crm.json")
    async with served(build_app(settings)) as url, crm_client(url) as crm:
        created = await crm.post("/api/v3/contacts", json={"email": "kim@example.com"})
    async with served(build_app(settings)) as url, crm_client(url) as crm:
        found = await crm.get("/api/v3/contacts/id", params={"email": "kim@example.com"})
        assert found.json() == created.json()
        again = await crm.post("/api/v3/contacts", json={"email": "kim@example.com"})
        assert again.status_code == 409


async def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    with _command(tmp_path / "crm.json") as (process, url):
        async with httpx.AsyncClient(base_url=url) as client:

            async def answers() -> bool:
                try:
                    return (await client.get("/readyz")).status_code == 200
                except httpx.ConnectError:
                    return False

            await eventually(answers, what="the command answers")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) in (0, -signal.SIGTERM)
    assert (tmp_path / "crm.json").exists()


@contextmanager
def _command(state: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "INGEST_URL": NOBODY_LISTENS}
    process = subprocess.Popen([sys.executable, "-m", "sandbox.app", "--state", str(state)], env=environment)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
