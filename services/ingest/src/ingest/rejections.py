"""Refused deliveries, counted by minute and stored in batches, so that "our secret is wrong" is visible."""

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg
import structlog

from ingest import metrics
from ingest.database import within
from ingest.refusals import Reason
from shared.db.outages import ANY_DATABASE_ERROR
from shared.db.queries import load_queries

log = structlog.get_logger()

MAX_KINDS = 200
FLUSH_TIMEOUT_S = 10

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}\.)+[a-z0-9-]{2,63}")
_TOPIC = re.compile(r"[a-z0-9_]{1,40}[/.][a-z0-9_]{1,40}(?:[/.][a-z0-9_]{1,40})?")
_MAX_DOMAIN_LENGTH = 120

_queries = load_queries(__file__, "rejections")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is counted together. A shop or topic that can not exist is None: the sender is not trusted."""

    source: str
    shop_domain: str | None
    topic: str | None
    reason: Reason
    minute: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    n: int
    first_at: datetime
    last_at: datetime

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.n + other.n, min(self.first_at, other.first_at), max(self.last_at, other.last_at))


class Rejections:
    """Holds a bounded number of kinds: past that, shop and topic are no longer told apart."""

    def __init__(self, pool: asyncpg.Pool, *, flush_s: float) -> None:
        self._pool = pool
        self._flush_s = flush_s
        self._tallies: dict[Kind, Tally] = {}

    def count(self, kind: Kind, at: datetime) -> None:
        metrics.REJECTIONS.labels(kind.reason).inc()
        if kind not in self._tallies and len(self._tallies) >= MAX_KINDS:
            metrics.REJECTIONS_UNSTORED.inc()
            kind = replace(kind, shop_domain=None, topic=None)
        self._add(kind, Tally(1, at, at))

    async def run(self) -> None:
        """Stores what was counted until cancelled; keeps it while the database is away."""
        while True:
            await asyncio.sleep(self._flush_s)
            await self.flush()

    async def flush(self) -> None:
        taken, self._tallies = self._tallies, {}
        if not taken:
            return
        try:
            await within(FLUSH_TIMEOUT_S, self._store(taken))
        except ANY_DATABASE_ERROR as error:
            log.warning("rejections_not_stored", kinds=len(taken), reason=repr(error)[:200])
            self._take_back(taken)

    def _take_back(self, tallies: dict[Kind, Tally]) -> None:
        for kind, tally in tallies.items():
            is_full = kind not in self._tallies and len(self._tallies) >= MAX_KINDS
            self._add(replace(kind, shop_domain=None, topic=None) if is_full else kind, tally)

    def _add(self, kind: Kind, tally: Tally) -> None:
        known = self._tallies.get(kind)
        self._tallies[kind] = known + tally if known else tally

    async def _store(self, tallies: dict[Kind, Tally]) -> None:
        await _queries.add_rejections(
            self._pool,
            sources=[kind.source for kind in tallies],
            shop_domains=[kind.shop_domain for kind in tallies],
            topics=[kind.topic for kind in tallies],
            reasons=[kind.reason for kind in tallies],
            counts=[tally.n for tally in tallies.values()],
            first_ats=[tally.first_at for tally in tallies.values()],
            last_ats=[tally.last_at for tally in tallies.values()],
        )


def kind_of(source: str, shop_domain: str | None, topic: str | None, *, reason: Reason, at: datetime) -> Kind:
    """Pure: what the sender claims, as far as it could be true."""
    return Kind(
        source,
        shop_domain if shop_domain and is_domain(shop_domain) else None,
        topic if topic and _TOPIC.fullmatch(topic) else None,
        reason,
        at.replace(second=0, microsecond=0),
    )


def is_domain(text: str) -> bool:
    return len(text) <= _MAX_DOMAIN_LENGTH and _DOMAIN.fullmatch(text) is not None
