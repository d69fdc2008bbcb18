"""Goes through everything the master keys have sealed, part by part, while services read and write it."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from shared.db.queries import load_queries
from shared.vault import SealBroken, Vault

PAGE = 100
_queries = load_queries(__file__, "sealed")

# Everything that `Vault.seal` made and the database keeps; a test finds what is forgotten.
PLACES = {
    "webhook secrets of shops": (_queries.webhook_secrets, _queries.put_webhook_secrets),
    "keys of shops' payloads": (_queries.data_keys, _queries.put_data_keys),
    "credentials of accounts": (_queries.credentials, _queries.put_credentials),
    "channels of alerts": (_queries.channels, _queries.put_channels),
    "subjects of privacy requests": (_queries.subjects, _queries.put_subjects),
    "files of exports": (_queries.exports, _queries.put_exports),
    "answers kept for repeats": (_queries.answers, _queries.put_answers),
}


class Found(StrEnum):
    NEWEST = "had the newest key"
    SEALED_ANEW = "sealed anew"
    BROKEN = "can not be opened with any key"


async def rewrap(connection: Any, vault: Vault) -> Counter[tuple[str, Found]]:
    """How many values of each place were found how. Breaking it off does no harm."""
    found: Counter[tuple[str, Found]] = Counter()
    for place, (read, put) in PLACES.items():
        after, is_more = "", True
        while is_more:
            async with connection.transaction():
                rows = [row async for row in read(connection, after=after, wanted=PAGE)]
                for row in rows:
                    sealed, states = _anew(vault, row["sealed"])
                    found.update((place, state) for state in states)
                    if Found.SEALED_ANEW in states:
                        await put(connection, key=row["key"], sealed=sealed)
            is_more = len(rows) == PAGE
            after = rows[-1]["key"] if rows else after
    return found


def _anew(vault: Vault, values: Sequence[bytes]) -> tuple[list[bytes], list[Found]]:
    """What was erased is empty, and stays so."""
    sealed: list[bytes] = []
    states: list[Found] = []
    for value in values:
        try:
            anew = vault.rewrap(value) if value else None
            states += [Found.NEWEST if anew is None else Found.SEALED_ANEW] if value else []
        except SealBroken:
            anew = None
            states.append(Found.BROKEN)
        sealed.append(anew or value)
    return sealed, states
