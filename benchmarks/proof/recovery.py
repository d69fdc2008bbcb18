"""How long what waited for the CRM takes once it is back."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from itertools import chain

from benchmarks.proof import crm
from benchmarks.proof.customers import arrivals
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.ingest.sending import send
from benchmarks.proof.part import Amount, Part
from benchmarks.proof.programs import Listening, module, running
from benchmarks.proof.seeing import PATIENCE_S, until
from benchmarks.proof.shops import add_crm, add_shop
from benchmarks.proof.whole import Whole
from sandbox.shopify.delivery import Sender

_SHOPS = [Sender(f"waiting-{number}.myshopify.com", f"shpss_waiting_{number}") for number in range(1, 5)]
_OUTLASTS_ATTEMPTS_S = 300
_BREAKER = ("--setting", 'breaker={"enabled": true, "pause_s": 60, "longest_pause_s": 300}')
_LONGEST_WAIT_S = 3_600  # a step of the wait ladder
_CRM_RATE = 45  # CRM_REQUESTS_PER_SECOND, as it is unless told otherwise


def measure(ground: Ground, amount: Amount) -> Mapping[str, float]:
    """One outage."""
    with ground.plot() as plot:
        whole = Whole(plot)
        crms = [Listening(plot, f"crm-{shop.shop_domain}", module("benchmarks.proof.crm")) for shop in _SHOPS]
        with running([whole]):
            settings = _BREAKER if amount.outage_s > _OUTLASTS_ATTEMPTS_S else ()
            for shop, tenant in zip(_SHOPS, crms, strict=True):
                add_shop(plot, shop)
                add_crm(plot, shop, tenant.address, crm.KEY, *settings)
            asyncio.run(_outage(plot, whole, amount))
            began = time.monotonic()
            with running(crms):
                return asyncio.run(_drained(plot, amount, began))


async def _outage(plot: Plot, whole: Whole, amount: Amount) -> None:
    """Customers of all shops come in while nobody can be told."""
    over_at = time.monotonic() + amount.outage_s
    await send(whole.facts["ingest_url"], list(_customers(amount.waiting_tasks)))
    patience_s = PATIENCE_S + amount.outage_s
    await until(plot.database_url, "kept_from_the_crm", amount.waiting_tasks, patience_s=patience_s)
    await asyncio.sleep(max(0.0, over_at - time.monotonic()))


def _customers(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Of each shop in turn."""
    share = range(1, count // len(_SHOPS) + 1)
    return chain.from_iterable(zip(*(arrivals(shop, share) for shop in _SHOPS), strict=True))


async def _drained(plot: Plot, amount: Amount, began: float) -> Mapping[str, float]:
    count = amount.waiting_tasks
    patience_s = _LONGEST_WAIT_S + 10 * count / _CRM_RATE
    await until(plot.database_url, "told", 1, patience_s=patience_s)
    first_s = time.monotonic() - began
    await until(plot.database_url, "told", count, patience_s=patience_s)
    took_s = time.monotonic() - began
    return {
        "outage, s": amount.outage_s,
        "waiting tasks": count,
        "first task told after, s": first_s,
        "all told after, s": took_s,
        "tasks/s": count / took_s,
    }


RECOVERY = Part(
    "recovery",
    "Recovery",
    "Customers of four shops are delivered while nobody answers at their CRMs; then these are back. How long "
    "until the first and the last customer is told, which takes three requests each, of which the product "
    "itself makes at most 45 a second to each CRM. In an outage that would outlast all attempts the "
    "accounts' breakers are on.",
    measure,
    most_runs=1,
)
