"""Keeps the CRM's content in a file, so that a restart of the sandbox does not empty it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import orjson

from sandbox.engage.app import Engage
from sandbox.engage.book import Book

SAVE_EVERY_S = 2.0


def restore(engage: Engage, file: Path) -> None:
    """Continue with what the file holds, if there is one."""
    if file.exists():
        engage.keep(Book.load(orjson.loads(file.read_bytes())))


def save(engage: Engage, file: Path) -> None:
    """Write all content; a crash in between leaves the older file whole."""
    fresh = file.with_suffix(file.suffix + ".new")
    fresh.write_bytes(orjson.dumps(engage.book.dump()))
    fresh.replace(file)


@contextlib.asynccontextmanager
async def kept_in(file: Path | None, engage: Engage) -> AsyncIterator[None]:
    """Restore at the start, save while running and at the end; without a file nothing is kept."""
    if file is None:
        yield
        return
    restore(engage, file)
    saving = asyncio.create_task(_keep_saving(engage, file))
    try:
        yield
    finally:
        saving.cancel()
        save(engage, file)


async def _keep_saving(engage: Engage, file: Path) -> None:
    saved_at = engage.journal.total
    while True:
        await asyncio.sleep(SAVE_EVERY_S)
        if engage.journal.total != saved_at:
            saved_at = engage.journal.total
            save(engage, file)
