"""Alerting on real servers by a clock of the test's own: facts by SQL, rounds at will, caught mail."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from alerting.clients.channels import Channels
from alerting.clients.smtp import Mail
from alerting.evaluator import Evaluator, Watch
from alerting.outbox import Outbox
from alerting.settings import MailSettings
from alerting.telling import Teller
from sandbox.mail.catcher import Mailbox
from shared.alerts.notifications import MAIL, Recipient
from shared.publishing import NotPublished
from shared.vault import Vault
from tests.workers import World

SENDER = "Syncledger <alerts@syncledger.example>"
CONSOLE = "https://console.example"
OWNER, HELPER = "owner@shop.example", "help@shop.example"
OPERATORS = (Recipient(MAIL, "operators@syncledger.example"),)


class AwayBroker:
    """A publisher whose broker does not answer."""

    async def publish(self, transitions: Sequence[Any]) -> None:
        if transitions:
            raise NotPublished("away")

    async def announce(self, _: bytes, **__: str) -> None:
        raise NotPublished("away")


@dataclass
class Watching:
    """`began`: minute 0 of the test's clock."""

    world: World
    vault: Vault
    mailbox: Mailbox
    mail_port: int
    shop_id: int
    client: Any
    began: datetime
    asked: list[dict[int, Any]] = field(default_factory=list)
    mail: dict[str, Any] = field(default_factory=dict)

    def at(self, minutes: float) -> datetime:
        return self.began + timedelta(minutes=minutes)

    def evaluator(self, instance: str = "one") -> Evaluator:
        return Evaluator(
            Watch(
                dsn=self.world.database_url,
                instance=instance,
                vault=self.vault,
                prove=lambda wanted: self.asked.append(dict(wanted)),
                told=lambda: None,
                operators=OPERATORS,
            )
        )

    @property
    def teller(self) -> Teller:
        server = {"smtp_host": "127.0.0.1", "smtp_port": self.mail_port, "smtp_security": "none"}
        settings = MailSettings.model_validate(server | {"mail_from": SENDER} | self.mail)
        others = Channels(self.client, self.vault, CONSOLE)
        return Teller({MAIL: Mail(settings, CONSOLE), "webhook": others, "slack": others, "apprise": others})

    def outbox(self, publisher: Any = None) -> Outbox:
        teller, pool = self.teller, self.world.pool
        return Outbox(pool, publisher or self.world.publisher, lambda id_: teller.tell_at_once(pool, id_))

    @asynccontextmanager
    async def leading(self, instance: str = "one") -> AsyncIterator[Any]:
        async with self.evaluator(instance).leading() as connection:
            yield connection

    async def rounds(self, *minutes: float) -> None:
        """One evaluation at each of these minutes; the log is complete up to each."""
        evaluator = self.evaluator()
        async with evaluator.leading() as connection:
            assert connection is not None
            for minute in minutes:
                await self.recorded_until(self.at(minute))
                await evaluator.round(connection, self.at(minute))

    async def recorded_until(self, moment: datetime) -> None:
        await self.world.pool.execute(
            "INSERT INTO ledger.recorders (instance, as_of, backlog, seen_at) VALUES ('r', $1, 0, $1) "
            "ON CONFLICT (instance) DO UPDATE SET as_of = $1, seen_at = $1",
            moment,
        )

    async def ended(self, minute: float, *, failed: int, succeeded: int = 100) -> None:
        """Tasks that ended in a minute."""
        for state, n in (("failed", failed), ("succeeded", succeeded)):
            await self.world.pool.execute(
                "INSERT INTO ledger.task_counts_by_minute (bucket, shop_id, type, account_id, state, n, "
                "duration_ms, items_processed, items_failed) "
                "VALUES (date_trunc('minute', $1::timestamptz), $2, 'SyncContact', 0, $3, $4, 0, 0, 0) "
                "ON CONFLICT (shop_id, bucket, type, account_id, state) DO UPDATE SET n = excluded.n",
                self.at(minute),
                self.shop_id,
                state,
                n,
            )

    async def wants(self, **settings: Any) -> None:
        await self.world.pool.execute(
            "INSERT INTO alerts.settings (shop_id, settings, updated_by) VALUES ($1, $2, 'test') "
            "ON CONFLICT (shop_id) DO UPDATE SET settings = excluded.settings",
            self.shop_id,
            {"silence_is_watched": False, **settings},
        )

    async def notifications(self) -> list[Any]:
        return list(await self.world.pool.fetch("SELECT * FROM alerts.notifications ORDER BY created_at, id"))

    async def tell_all(self) -> None:
        """Every notification, without tasks."""
        for row in await self.notifications():
            await self.teller.tell_at_once(self.world.pool, row["id"])

    async def alert(self, rule: str = "error-rate", subject: str = "") -> Any:
        return await self.world.pool.fetchrow(
            "SELECT * FROM alerts.alerts WHERE rule = $1 AND subject = $2 ORDER BY id DESC LIMIT 1",
            rule,
            subject,
        )

    def subjects(self) -> list[tuple[str, str]]:
        """To whom, and about what, in the order they came."""
        return [(mail.recipients[0], str(mail.parsed["Subject"])) for mail in self.mailbox.mails]


def ids(rows: Sequence[Any]) -> list[UUID]:
    return [row["id"] for row in rows]
