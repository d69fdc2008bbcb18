"""The two things that are searched for: one person in a shop, and a whole shop."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from shared.exchange_facts import SEALED, opened_facts
from shared.vault import DataKey, SealBroken
from sync_worker.privacy.subject import Subject
from sync_worker.privacy.traces import ERASED, bare_meta, mentions
from sync_worker.store import privacy, shop_erasure
from sync_worker.store.privacy import Exchange, Task

LINES_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class PersonSearch:
    """`key` None: the shop's stored bodies can not be opened, so those of tasks about the person go."""

    shop_id: int
    subject: Subject
    key: DataKey | None

    async def erase(self, connection: Any, tasks: list[Task]) -> int:
        theirs = {task.id for task in tasks if task.source_id in self.subject.source_ids}
        kept = await privacy.exchanges(connection, [task.id for task in tasks])
        found = [one for one in kept if one.task_id in theirs or self._mentions(one)]
        erased = [one._replace(meta=bare_meta(one.meta)) for one in found if not _is_bare(one)]
        await privacy.erase_exchanges(connection, erased)
        return len(erased)

    def is_about(self, transition: dict[str, Any]) -> bool:
        task = transition.get("task")
        if not isinstance(task, dict) or task.get("shop_id") != self.shop_id:
            return False
        return task.get("source_id") in self.subject.source_ids or self.is_in(orjson.dumps(transition))

    def is_in(self, message: bytes) -> bool:
        pattern = self.subject.pattern()
        return pattern is not None and mentions(message, pattern)

    async def clear_staging(self, connection: Any) -> int:
        needles, removed = _needles(self.subject), 0
        for import_id, lines in await privacy.imports_with_lines(connection, self.shop_id):
            for since in range(0, lines, LINES_AT_ONCE):
                until = since + LINES_AT_ONCE
                removed += await privacy.remove_lines(
                    connection, import_id, needles, since=since, until=until
                )
        return removed

    def _mentions(self, one: Exchange) -> bool:
        pattern = self.subject.pattern()
        if pattern is None:
            return False
        parts = (self._facts(one), self._opened(one, one.sent), self._opened(one, one.received))
        return any(pattern.search(part) for part in parts)

    def _facts(self, one: Exchange) -> bytes:
        """Address and headers; JSON spells non-ASCII letters as they are."""
        try:
            return orjson.dumps(opened_facts(one.meta, self.key, one.task_id))
        except SealBroken:
            return orjson.dumps(one.meta)

    def _opened(self, one: Exchange, sealed: bytes | None) -> bytes:
        if sealed is None or self.key is None:
            return b""
        try:
            return self.key.open(sealed, one.task_id)
        except SealBroken:
            return b""


@dataclass(frozen=True, slots=True)
class ShopSearch:
    """Everything of the shop."""

    shop_id: int

    async def erase(self, connection: Any, tasks: list[Task]) -> int:
        return await privacy.erase_tasks(connection, [task.id for task in tasks])

    def is_about(self, transition: dict[str, Any]) -> bool:
        task = transition.get("task")
        return isinstance(task, dict) and task.get("shop_id") == self.shop_id

    def is_in(self, message: bytes) -> bool:
        return re.search(rb'"shop_id"\s*:\s*%d(?!\d)' % self.shop_id, message) is not None

    async def clear_staging(self, connection: Any) -> int:
        """Goes with the shop's other tables."""
        found = await shop_erasure.drop_some(connection, self.shop_id, at_most=LINES_AT_ONCE)
        return found[1] if found else 0


def _is_bare(one: Exchange) -> bool:
    is_erased = one.meta.get("bodies") == ERASED and SEALED not in one.meta
    return is_erased and one.sent is None and one.received is None


def _needles(subject: Subject) -> Sequence[bytes]:
    """Exports name things by global ids, whose slashes Shopify escapes."""
    owners = [("Customer", subject.customer_id), *(("Order", one) for one in subject.order_ids)]
    ids = [
        f'{kind}{slash}{number}"'.encode()
        for kind, number in owners
        if number is not None
        for slash in ("/", "\\/")
    ]
    texts = [orjson.dumps(one)[1:-1] for one in (*subject.emails, *subject.phones)]
    return [*ids, *texts]
