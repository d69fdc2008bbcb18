"""The tabs of the settings, and who sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from query_api.console.frame import Frame
from query_api.repository.connections import snapshot


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    title: str
    address: str
    admin_only: bool = False


TABS = (
    Tab("shops", "Shops", "/settings"),
    Tab("keeping", "Retention", "/settings/retention"),
    Tab("tokens", "Tokens", "/settings/tokens", admin_only=True),
    Tab("sessions", "Sessions", "/settings/sessions"),
    Tab("audit", "Audit log", "/settings/audit", admin_only=True),
)


async def show_tab(
    frame: Frame, tab: str, values: Mapping[str, Any], *, template: str | None = None, status: int = 200
) -> Response:
    """`template`: where it is not that of the tab."""
    async with snapshot(frame.backend.pool) as connection:
        return await frame.show(
            connection, f"settings/{template or tab}.html", status=status, tab=tab, tabs=TABS, **values
        )
