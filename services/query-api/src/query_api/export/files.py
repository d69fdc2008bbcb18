"""Files made in the background: in sealed parts, until they expire."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.db.queries import load_queries
from shared.vault import Vault

KEPT = timedelta(hours=24)
_queries = load_queries(__file__, "files")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the operation that made a file keeps of it. `size` in bytes."""

    name: str
    media_type: str
    size: int
    parts: int


class Parts:
    """Puts a file away as it comes, part by part."""

    def __init__(self, vault: Vault, operation_id: UUID) -> None:
        self._vault = vault
        self._operation_id = operation_id
        self.count = 0
        self.size = 0

    async def put(self, connection: Any, content: bytes) -> None:
        """Inside the transaction that moves the operation on."""
        sealed = await asyncio.to_thread(lambda: self._vault.seal(zlib.compress(content, 1)))
        self.count += 1
        self.size += len(content)
        await _queries.add_part(
            connection, operation_id=self._operation_id, position=self.count, content=sealed
        )


async def content_of(pool: Any, vault: Vault, operation_id: UUID, parts: int) -> AsyncIterator[bytes]:
    """The file, one part after the other. Raises LookupError when it has been removed meanwhile."""
    for position in range(1, parts + 1):
        sealed = await _queries.part(pool, operation_id=operation_id, position=position)
        if sealed is None:
            raise LookupError(f"part {position} of {operation_id} is gone")
        yield await asyncio.to_thread(_opened, vault, sealed)


async def remove_parts(connection: Any, operation_id: UUID) -> None:
    await _queries.remove_parts(connection, operation_id=operation_id)


async def begin_to_expire(connection: Any, operation_id: UUID) -> None:
    await _queries.expire_in(connection, operation_id=operation_id, kept=KEPT)


async def owner_of(connection: Any, operation_id: UUID) -> int | None:
    """The token it was asked for with."""
    owner: int | None = await _queries.owner(connection, operation_id=operation_id)
    return owner


async def kept_by(connection: Any, token_id: int) -> int:
    """How many exports are under way or kept for a token."""
    n: int = await _queries.kept_by(connection, token_id=token_id)
    return n


def _opened(vault: Vault, sealed: bytes) -> bytes:
    return zlib.decompress(vault.open(sealed))
