"""A shop of which nothing has been heard for hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from alerting.proving.prover import Prover
from query_api.recorder.reading import read
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import ensure_partitions, write
from shared.accounts import ForShop
from shared.alerts.silence import Proof, WantedProof, proof_of
from shared.clients.shopify_admin import ShopAdmins
from shared.clients.shopify_subscriptions import NEW_ORDERS, address_of
from shared.envelope import State, Transition, encode, utc_now
from shared.tasks import TaskType
from shared.vault import Vault
from sync_worker.clients.shop_subscriptions import subscribe
from tests.factories import header
from tests.integration.recorder.histories import life
from tests.integration.sync_worker.storefront import Storefront
from tests.waiting import eventually
from tests.workers import World

INGEST_URL = "https://hooks.example"


@dataclass(frozen=True)
class Silent:
    world: World
    store: Storefront
    admins: ShopAdmins
    prover: Prover
    vault: Vault
    id: int
    since: datetime

    def wanted(self, *, minutes: float = 0, since: datetime | None = None) -> WantedProof:
        """The question of a round so many minutes from now; whatever was made till now has settled."""
        began = since or self.since
        now = utc_now() + timedelta(minutes=minutes)
        return WantedProof(since=began, settled_before=now, silent=now - began)

    async def prove(self, *, minutes: float = 0, since: datetime | None = None) -> Proof:
        """What is kept once the shop was asked, and its tasks are queued."""
        await self.prover.prove(self.id, self.wanted(minutes=minutes, since=since))
        await self.prover.tend()
        return (await self.proofs())[-1]

    async def proofs(self) -> list[Proof]:
        rows = await self.world.pool.fetch("SELECT * FROM alerts.proofs ORDER BY asked_at, id")
        return [proof_of(dict(row)) for row in rows]

    async def queued(self, proof: Proof) -> list[Transition]:
        """The tasks that a proof has caused, as workers get them."""
        wanted = set(proof.task_ids)
        await eventually(lambda: wanted <= {one.task.id for one in self.world.published})
        return [self.world.last(task_id) for task_id in proof.task_ids]

    async def subscribe(self) -> None:
        admin = await self.admins.open(self.world.pool, ForShop(self.id))
        for topic in NEW_ORDERS:
            await subscribe(admin, topic, uri=address_of(INGEST_URL))

    async def know(self, order: dict[str, Any]) -> None:
        """The order is stored here."""
        await self.world.pool.execute(
            "INSERT INTO store.orders (shop_id, source_id) VALUES ($1, $2)", self.id, str(order["id"])
        )

    async def connect_crm(self) -> None:
        await self.world.pool.execute(
            "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
            "VALUES ($1, 'engage', 'CRM', 'http://127.0.0.1', '')",
            self.id,
        )

    async def get_through(self, order: dict[str, Any], *, has_crm: bool) -> None:
        """The order ends where orders of this shop should."""
        type_ = TaskType.SYNC_ORDER if has_crm else TaskType.INDEX_ORDER
        task = header(shop_id=self.id, type=type_, source_id=str(order["id"]))
        await self.record(life(task, [State.SUCCEEDED]))

    async def is_under_way(self, task_id: UUID, type_: TaskType) -> None:
        task = header(id=task_id, shop_id=self.id, type=type_)
        await self.record(life(task, [State.PROCESSING]))

    async def record(self, transitions: list[Transition]) -> None:
        for transition in transitions:
            entries = read(encode([transition]), utc_now()).entries
            await ensure_partitions(self.world.pool, entries)
            await write(self.world.pool, ShopKeys(self.vault), entries)
