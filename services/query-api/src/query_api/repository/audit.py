"""Who did what, and from where."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from query_api.auth import Reader
from shared.db.queries import load_queries

_queries = load_queries(__file__, "audit")


@dataclass(frozen=True, slots=True)
class Deed:
    """`shop_id` None: of several shops, or of none. `detail` holds no secrets and no personal data; `address`
    is where the request came from."""

    action: str
    shop_id: int | None
    detail: Mapping[str, Any]
    address: str | None = None
    subject: str | None = None


async def audit(connection: Any, reader: Reader, deed: Deed) -> None:
    """Inside the transaction of what was done."""
    await _queries.add_deed(
        connection,
        actor=reader.name,
        token_id=reader.token_id,
        address=deed.address,
        action=deed.action,
        shop_id=deed.shop_id,
        subject=deed.subject,
        detail=dict(deed.detail),
    )
