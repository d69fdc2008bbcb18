"""What a shop or marketplace shows of a package: kept with it, so that a correction is told from a repeat."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol


class Told(Protocol):
    """A package as its order's shop or marketplace was told of it, by us or by a person."""

    @property
    def carrier(self) -> str: ...
    @property
    def service(self) -> str | None: ...
    @property
    def tracking_numbers(self) -> Sequence[str]: ...
    @property
    def tracking_url(self) -> str | None: ...
    @property
    def shipped_at(self) -> datetime: ...


def content_of(package: Told) -> dict[str, Any]:
    """What a target shows of a package and what can be corrected there: `store.shipments.told`."""
    return {
        "carrier": package.carrier,
        "service": package.service,
        "tracking_numbers": list(package.tracking_numbers),
        "tracking_url": package.tracking_url,
        "shipped_at": package.shipped_at.isoformat(),
    }
