"""What the pages of imports show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.console.frame import Frame
from query_api.console.imports.words import Step, steps
from query_api.import_progress import step
from query_api.problems import invalid
from query_api.repository.imports import FailedLine, ImportRow, failed_lines, find_import, newest_imports
from query_api.repository.records import Shop
from query_api.routes.imports import visible
from query_api.routes.parameters import named_shops
from query_api.schemas.import_shaping import shown
from query_api.schemas.imports import ImportOut

LISTED = 100
LINES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ImportView:
    """`done` of `total` of the step under way; `total` None: nobody knows yet."""

    facts: ImportOut
    shop: Shop
    done: int
    total: int | None

    @property
    def is_under_way(self) -> bool:
        return self.facts.finished_at is None

    @property
    def steps(self) -> list[Step]:
        return steps(self.facts.state)

    @property
    def is_counted_in_bytes(self) -> bool:
        return self.facts.state == "staging"

    @property
    def share(self) -> float | None:
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def failed_lines(self) -> int:
        """Of all kinds: results of the kinds that are stored, and the count of the one that is not."""
        stored = [part for part in self.facts.parts if part.state == "stored"]
        own = sum(part.counts.get("failed", 0) for part in stored)
        is_stored = any(part.kind == self.facts.kind for part in stored)
        return own if is_stored else own + self.facts.failed

    def total_of(self, name: str) -> int:
        return sum(part.counts.get(name, 0) for part in self.facts.parts)

    @property
    def counted(self) -> str:
        """What the step under way counts."""
        return "changes" if self.facts.state == "syncing" else self.facts.kind


@dataclass(frozen=True, slots=True)
class ListView:
    """`chosen`: the shop's domain the list is narrowed to, or empty."""

    shops: Sequence[Shop]
    imports: Sequence[ImportView]
    chosen: str
    faults: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_many_shops(self) -> bool:
        return len(self.shops) > 1

    @property
    def under_way(self) -> list[ImportView]:
        return [one for one in self.imports if one.is_under_way]

    @property
    def ended(self) -> list[ImportView]:
        return [one for one in self.imports if not one.is_under_way]


@dataclass(frozen=True, slots=True)
class DetailView:
    """`kind`: whose lines are shown, from after line `after` on; `next`: where the next page begins."""

    one: ImportView
    kind: str
    lines: Sequence[FailedLine]
    after: int
    next: int | None

    @property
    def is_unread(self) -> bool:
        """No line of this kind was looked at."""
        part = next(part for part in self.one.facts.parts if part.kind == self.kind)
        is_begun = part.kind == self.one.facts.kind and self.one.facts.lines > 0
        return part.state != "stored" and not is_begun and not self.lines


async def list_view(connection: Any, frame: Frame, chosen: str, *, now: datetime) -> ListView:
    """Raises Problem for a shop the visitor may not see."""
    shops = await frame.shops(connection)
    shop_ids = named_shops([chosen], shops) if chosen else [shop.id for shop in shops]
    rows = await newest_imports(connection, shop_ids, limit=LISTED)
    by_id = {shop.id: shop for shop in shops}
    return ListView(shops, [_view(row, by_id[row.shop_id], now) for row in rows], chosen)


async def detail_view(connection: Any, frame: Frame, import_id: UUID, *, now: datetime) -> DetailView:
    """Raises 404 for imports the visitor may not see."""
    row = visible(await find_import(connection, import_id), frame.reader)
    shop = next(one for one in await frame.shops(connection) if one.id == row.shop_id)
    kind = frame.parameter("kind") or row.kind
    if kind not in row.kinds:
        raise invalid("kind", f"This import is of {' and '.join(row.kinds)}.")
    after = _number(frame.parameter("after"))
    lines = await failed_lines(connection, import_id, kind, after=after, limit=LINES_SHOWN)
    onward = lines[-1].line if len(lines) == LINES_SHOWN else None
    return DetailView(_view(row, shop, now), kind, lines, after, onward)


def _view(row: ImportRow, shop: Shop, now: datetime) -> ImportView:
    done, total = step(row)
    return ImportView(shown(row, shop.domain, now), shop, done, total)


def _number(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise invalid("after", "has to be the number of a line")
    return int(text or 0)
