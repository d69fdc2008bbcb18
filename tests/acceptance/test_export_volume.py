"""A million tasks as a file: in little memory, and every row of the workbook is the row of the list."""

import asyncio
import csv
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import openpyxl
import pytest
from cryptography.fernet import Fernet

from benchmarks.loading import load
from benchmarks.made_up import Scale
from devstack.ports import free_port
from devstack.servers import OwnPostgres
from devstack.workspace import program
from query_api.auth import Grant, Role, new_token
from query_api.repository.tokens import store_token
from shared.db.pool import open_pool
from shared.envelope import utc_now

pytestmark = [pytest.mark.acceptance, pytest.mark.volume]

TASKS = 1_000_000
MOST_MIB = 150
PATIENCE_S = 1_500


def test_a_million_tasks_are_exported_in_little_memory_and_a_workbook_holds_what_the_list_holds(
    own_postgres: OwnPostgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(own_postgres.url, Scale(TASKS, 30, utc_now()))
    token = asyncio.run(_token(own_postgres.url))
    told = []
    for word in ("csv", "ndjson", "xlsx"):
        with _served(own_postgres.url) as (url, pid):
            began = time.monotonic()
            size = _downloaded(url, token, tmp_path / f"tasks.{word}", format=word)
            told.append(
                f"{word}: {size >> 20} MiB in {time.monotonic() - began:.0f} s, peak {_peak_mib(pid)} MiB"
            )
            assert _peak_mib(pid) < MOST_MIB, told
    with _served(own_postgres.url) as (url, pid):
        made = _made_in_the_background(url, token, tmp_path / "background.xlsx")
        told.append(f"xlsx made in the background in {made:.0f} s, peak {_peak_mib(pid)} MiB")
        assert _peak_mib(pid) < MOST_MIB, told
    assert _differences(tmp_path / "tasks.csv", tmp_path / "tasks.xlsx") == (TASKS, [])
    assert (tmp_path / "tasks.ndjson").read_bytes().count(b"\n") == TASKS
    with capsys.disabled():
        print("", *told, sep="\n")  # noqa: T201


async def _token(url: str) -> str:
    async with await open_pool(url) as pool:
        token = new_token()
        await store_token(pool, token, Grant("volume", Role.ADMIN, None, None))
        return token


@contextmanager
def _served(database_url: str) -> Iterator[tuple[str, int]]:
    """A process of the API by itself: its address and its id."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "RABBITMQ_URL": "amqp://127.0.0.1:1/",
        "SECRET_KEYS": Fernet.generate_key().decode(),
        "PORT": str(port),
        "LOG_LEVEL": "ERROR",
    }
    server = subprocess.Popen([program("query-api"), "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _until_it_lives(f"http://127.0.0.1:{port}/livez", server)
        yield f"http://127.0.0.1:{port}/api/v1", server.pid
    finally:
        server.terminate()
        server.wait(60)


def _until_it_lives(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the API does not start")


def _downloaded(url: str, token: str, path: Path, **wanted: str) -> int:
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    asked = f"{url}/tasks/export?{urlencode(wanted)}" if wanted else url
    with (
        path.open("wb") as file,
        httpx.stream("GET", asked, headers=headers, timeout=PATIENCE_S) as answer,
    ):
        assert answer.status_code == 200
        for chunk in answer.iter_bytes():
            file.write(chunk)
    return path.stat().st_size


def _made_in_the_background(url: str, token: str, path: Path) -> float:
    began = time.monotonic()
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        operation = client.post(f"{url}/tasks/export", json={"format": "xlsx"}).json()["operation"]
        while operation["finished_at"] is None and time.monotonic() - began < PATIENCE_S:
            time.sleep(1)
            operation = client.get(f"{url}/operations/{operation['id']}").json()["operation"]
    assert (operation["state"], operation["total"], operation["done"]) == ("succeeded", TASKS, TASKS)
    took_s = time.monotonic() - began
    assert _downloaded(url.removesuffix("/api/v1") + operation["file"]["href"], token, path) > 1_000_000
    return took_s


def _peak_mib(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) >> 10


def _differences(lines: Path, workbook: Path) -> tuple[int, list[Any]]:
    """How many rows there are, and the first ones that are not the same in both."""
    sheet = openpyxl.load_workbook(workbook, read_only=True)["Tasks"]
    count, wrong = 0, list[Any]()
    with lines.open(newline="") as file:
        for row, cells in zip_longest(csv.reader(file), sheet.iter_rows(values_only=True), fillvalue=()):
            count += 1
            if not _is_same(row, cells) and len(wrong) < 5:
                wrong.append((row, cells))
    return count - 1, wrong


def _is_same(row: Any, cells: Any) -> bool:
    """Times apart: those stand in a workbook as clocks show them."""
    told = [*cells, *[None] * (len(row) - len(cells))]
    return len(told) == len(row) and all(
        hasattr(cell, "year") or text.removeprefix("'") == ("" if cell is None else str(cell))
        for text, cell in zip(row, told, strict=True)
    )
