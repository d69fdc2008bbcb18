"""`query-api rewrap`: the second half of changing the master key."""

from collections import Counter
from typing import Any

import typer
from rich.table import Table

from query_api.commands.running import FAILED, console, note, run_by_parts, stop, told, vault
from query_api.repository.audit import Deed
from query_api.rewrapping.rewrap import Found
from query_api.rewrapping.rewrap import rewrap as seal_anew
from shared.vault import Vault


def rewrap() -> None:
    """Seals with the first of SECRET_KEYS what older ones sealed, so that those can be dropped."""
    with told():
        keys = vault()
    found = run_by_parts(_rewrap, keys)
    table = Table("what", "values", "", box=None)
    for (place, state), n in sorted(found.items()):
        table.add_row(place, str(n), state.value)
    console().print(table)
    broken = sum(n for (_, state), n in found.items() if state is Found.BROKEN)
    if broken:
        stop(f"{broken} values can not be opened with any of SECRET_KEYS. Is an old key missing?", FAILED)
    typer.echo("Everything is sealed with the first of SECRET_KEYS.")


async def _rewrap(connection: Any, keys: Vault) -> Counter[tuple[str, Found]]:
    found = await seal_anew(connection, keys)
    anew = sum(n for (_, state), n in found.items() if state is Found.SEALED_ANEW)
    await note(connection, Deed("keys.rewrap", None, {"sealed_anew": anew}))
    return found
