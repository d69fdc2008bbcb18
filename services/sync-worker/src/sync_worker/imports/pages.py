"""Pages of staged objects as states; one ends early where the shop has to be asked for many of its orders."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync_worker.clients.movements import ORDERS_AT_ONCE
from sync_worker.imports.kinds import ImportKind
from sync_worker.imports.movements import is_unread
from sync_worker.imports.objects import BUILDERS, JOINED, Children
from sync_worker.imports.shapes import Unusable, shaped
from sync_worker.imports.slices import Slice
from sync_worker.mapping.nodes import Node
from sync_worker.store import import_lines
from sync_worker.store.import_lines import Bad, Laid
from sync_worker.store.imports import Import

# Movements of orders by the orders' global ids, from the shop.
Ask = Callable[[Sequence[str]], Awaitable[Mapping[str, Node]]]


@dataclass
class Page:
    """The states of a page by id, and the objects that have none. `children`: how many lines were joined."""

    kind: ImportKind
    last_line: int = 0
    states: dict[str, Any] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    good: int = 0
    children: int = 0
    unread: list[str] = field(default_factory=list)
    _nodes: list[tuple[Laid, Node]] = field(default_factory=list)

    def take(self, laid: Laid, children: Children) -> None:
        """One more object, whose state is built when the page is complete."""
        self.last_line = laid.line
        self.children += len(children)
        try:
            node = JOINED[self.kind](laid.body, children)
            if self.kind is ImportKind.ORDERS and shaped(is_unread, node):
                self.unread.append(node["id"])
        except Unusable as error:
            self.bad.append(Bad(laid.line, laid.object_id, str(error)))
        else:
            self._nodes.append((laid, node))

    async def complete(self, ask: Ask, part: Slice) -> "Page":
        """Builds the states. Of an object that is there twice the later one counts."""
        movements = await ask(self.unread) if self.unread else {}
        for laid, node in self._nodes:
            self._build(laid, node, movements.get(node["id"]))
            await part.breathe()
        self._nodes.clear()
        return self

    def _build(self, laid: Laid, node: Node, found: Node | None) -> None:
        try:
            built = BUILDERS[self.kind](node, found)
        except Unusable as error:
            self.bad.append(Bad(laid.line, laid.object_id, str(error)))
            return
        self.good += 1
        self.states[built.state.id] = built


async def pages(
    pool: Any, job: Import, parents: Sequence[Laid], part: Slice, *, ask: Ask
) -> AsyncIterator[Page]:
    """The objects of some lines. Raises as asking the shop does; the pages before can be kept."""
    kind = ImportKind(job.kind)
    wanted = {one.object_id for one in parents} if kind.has_children else set()
    children = await import_lines.children(pool, job, wanted) if wanted else {}
    page = Page(kind)
    for laid in parents:
        page.take(laid, children.get(laid.object_id, ()))
        await part.breathe()
        if len(page.unread) == ORDERS_AT_ONCE:
            yield await page.complete(ask, part)
            page = Page(kind)
    if page.last_line:
        yield await page.complete(ask, part)
