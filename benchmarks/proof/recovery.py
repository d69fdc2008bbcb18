"""How long what waited for the CRM takes once it is back."""

import asyncio
import time
from collections.abc import Mapping

from benchmarks.proof.customers import arrivals
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.ingest.sending import send
from benchmarks.proof.part import Amount, Part
from benchmarks.proof.programs import running
from benchmarks.proof.seeing import PATIENCE_S, until
from benchmarks.proof.whole import Whole

_OUTAGE = [{"system": "engage", "fault": "unavailable"}]
_LONGEST_WAIT_S = 3_600  # a step of the wait ladder
_CRM_RATE = 45  # CRM_REQUESTS_PER_SECOND, as it is unless told otherwise


def measure(ground: Ground, amount: Amount) -> Mapping[str, float]:
    """One outage."""
    with ground.plot() as plot:
        whole = Whole(plot)
        with running([whole]):
            return asyncio.run(_outage(plot, whole, amount))


async def _outage(plot: Plot, whole: Whole, amount: Amount) -> Mapping[str, float]:
    count = amount.waiting_tasks
    async with whole.sandbox() as sandbox:
        (await sandbox.put("/control/faults", json=_OUTAGE)).raise_for_status()
        over_at = time.monotonic() + amount.outage_s
        await send(whole.facts["ingest_url"], arrivals(whole.demo_shop, range(1, count + 1)))
        await until(plot.database_url, "kept_from_the_crm", count, patience_s=PATIENCE_S + amount.outage_s)
        await asyncio.sleep(max(0.0, over_at - time.monotonic()))
        (await sandbox.delete("/control/faults")).raise_for_status()
    began = time.monotonic()
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
    "The CRM answers 503 while customers are delivered; then it is back. How long until the first and the "
    "last of them is told. The product itself asks the CRM at most 45 times a second.",
    measure,
    most_runs=1,
)
