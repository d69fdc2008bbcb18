"""Live deliveries of one shop: alone, and while another shop is imported and a third one's CRM is away."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count

from benchmarks.proof.customers import arrivals
from benchmarks.proof.figures import Target, percentile
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.ingest.sending import send
from benchmarks.proof.part import Amount, Part
from benchmarks.proof.programs import running
from benchmarks.proof.seeing import POLL_S, QUERIES, looking
from benchmarks.proof.shops import add_crm, add_shop
from benchmarks.proof.whole import Whole
from devstack.errors import StackError
from sandbox.shopify.delivery import Sender

_IMPORTED = Sender("imported.myshopify.com", "shpss_imported")
_CUT_OFF = Sender("cut-off.myshopify.com", "shpss_cut_off")
_ACCESS_TOKEN = "shpat_imported"  # noqa: S105  of a shop in the sandbox
_NO_POLLS = dict.fromkeys(
    ("IndexOrders", "IndexShopCustomers", "CheckWebhookSubscriptions", "SyncShopCurrency"), 0
)
_NOBODY = "http://127.0.0.1:1"
_LIVE, _LOST = 1, 10**9  # where the ids of customers begin
_PAUSE_S = 0.1
_PATIENCE_S = 120
_IMPORT_PATIENCE_S = 3_600
_STAGES = ("staging", "processing", "syncing")
_STAGES_AND_END = (*_STAGES, "finished")
_BROKEN_OFF = ("failed", "stopped")


def measure(ground: Ground, amount: Amount) -> Mapping[str, float]:
    """The same probes twice."""
    with ground.plot() as plot:
        whole = Whole(plot)
        with running([whole]):
            _connect(plot, whole)
            return asyncio.run(_measured(plot, whole, amount))


def _connect(plot: Plot, whole: Whole) -> None:
    """The other two shops."""
    sandbox = whole.facts["sandbox_url"]
    for shop in (_IMPORTED, _CUT_OFF):
        add_shop(plot, shop)
    plot.administer(
        *("accounts", "add", "--shop", _IMPORTED.shop_domain, "--kind", "shopify", "--name", "Shop"),
        *("--base-url", f"{sandbox}/shopify/{_IMPORTED.shop_domain}", "--access-token", _ACCESS_TOKEN),
        *("--setting", f"schedules={json.dumps(_NO_POLLS)}"),
    )
    for shop, address in ((_IMPORTED, f"{sandbox}/engage"), (_CUT_OFF, _NOBODY)):
        add_crm(plot, shop, address, whole.crm_key)


async def _measured(plot: Plot, whole: Whole, amount: Amount) -> Mapping[str, float]:
    numbers = count(_LIVE)
    await _probes(plot, whole, [next(numbers) for _ in range(3)])
    idle = await _probes(plot, whole, [next(numbers) for _ in range(amount.probes)])
    found = {"idle": idle, "disturbed": []}
    async with _outage(whole), _import(whole, amount.import_orders) as reaches:
        for stage in _STAGES:
            await reaches(stage)
            found["disturbed"] += await _probes(plot, whole, [next(numbers) for _ in range(amount.probes)])
    return {
        f"{name}: {what} p{percent}, ms": percentile([probe[what] for probe in probes], percent) * 1_000
        for name, probes in found.items()
        for what in ("answer", "in the CRM")
        for percent in (50, 95)
    }


async def _probes(plot: Plot, whole: Whole, numbers: list[int]) -> list[Mapping[str, float]]:
    return [await _probe(plot, whole, number) for number in numbers]


async def _probe(plot: Plot, whole: Whole, number: int) -> Mapping[str, float]:
    """Seconds until ingest answers, and until the CRM has the customer."""
    sent = await send(whole.facts["ingest_url"], arrivals(whole.demo_shop, [number]))
    async with looking(plot.database_url) as connection, asyncio.timeout(_PATIENCE_S):
        while (told := await QUERIES.told_at(connection, source_id=str(number))) is None:
            await asyncio.sleep(POLL_S)
    await asyncio.sleep(_PAUSE_S)
    return {"answer": sent.answers[0], "in the CRM": told}


@asynccontextmanager
async def _import(whole: Whole, orders: int) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """The import of a shop with so many orders, of four lines each; gives what waits for a stage of it."""
    control = f"/control/shops/{_IMPORTED.shop_domain}"
    async with whole.sandbox() as sandbox, whole.api() as api:
        opened = {"secret": _IMPORTED.secret, "access_token": _ACCESS_TOKEN}
        (await sandbox.put(control, json=opened)).raise_for_status()
        volume = {"orders": orders, "lines_per_order": 2}
        (await sandbox.put(f"{control}/volume", json=volume)).raise_for_status()
        asked = await api.post("/imports", json={"shop": _IMPORTED.shop_domain, "kinds": ["orders"]})
        number = asked.raise_for_status().json()["import"]["id"]

        async def reaches(stage: str) -> None:
            async with asyncio.timeout(_IMPORT_PATIENCE_S):
                while not _is_at(stage, (await api.get(f"/imports/{number}")).json()["import"]["state"]):
                    await asyncio.sleep(_PAUSE_S)

        yield reaches
        await api.post(f"/imports/{number}/stop")  # which is refused when it is over


def _is_at(stage: str, state: str) -> bool:
    """Or past it."""
    if state in _BROKEN_OFF:
        raise StackError(f"The import is {state}.")
    return state in _STAGES_AND_END[_STAGES.index(stage) :]


@asynccontextmanager
async def _outage(whole: Whole) -> AsyncIterator[None]:
    """Deliveries of a shop whose CRM does not answer, ten a second, until the end of it."""
    delivering = asyncio.create_task(_deliver(whole))
    try:
        yield
    finally:
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)


async def _deliver(whole: Whole) -> None:
    for number in count(_LOST):
        await send(whole.facts["ingest_url"], arrivals(_CUT_OFF, [number]))
        await asyncio.sleep(_PAUSE_S)


ISOLATION = Part(
    "isolation",
    "Isolation",
    "Customers of one shop are delivered one after the other, and each is measured until ingest answers and "
    "until the CRM has it: alone, and while a bulk import of another shop runs and a third shop, whose CRM "
    "cannot be reached, sends ten deliveries a second: at each stage of the import.",
    measure,
    (
        Target(
            "live latency while another shop is imported, of idle",
            "disturbed: in the CRM p50, ms",
            2,
            to="idle: in the CRM p50, ms",
            is_floor=False,
        ),
    ),
)
