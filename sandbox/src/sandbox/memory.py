"""Keeps the CRM's content in a file, so that a restart of the sandbox does not empty it."""

import asyncio
import os
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
    os.replace(fresh, file)


async def keep_saving(engage: Engage, file: Path) -> None:
    """Save every two seconds while requests come in."""
    saved_at = engage.journal.total
    while True:
        await asyncio.sleep(SAVE_EVERY_S)
        if engage.journal.total != saved_at:
            saved_at = engage.journal.total
            save(engage, file)
