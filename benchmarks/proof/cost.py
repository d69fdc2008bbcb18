"""What a task costs: CPU of every process, bytes on disk, and what becomes of both as the log grows."""

import asyncio
from collections.abc import Mapping

from benchmarks.proof.customers import arrivals
from benchmarks.proof.figures import Target
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.ingest.sending import send
from benchmarks.proof.part import Amount, Part
from benchmarks.proof.programs import running
from benchmarks.proof.seeing import QUERIES, looking, seen, until
from benchmarks.proof.used import cpu_s, memory_mb
from benchmarks.proof.whole import Whole
from devstack.services import SERVICES
from sandbox.shopify.delivery import Sender

_SHOP = Sender("quiet.myshopify.com", "shpss_quiet")
_BATCHES = 4
_TASKS_OF_EACH = 2  # CustomerWebhook and IndexCustomer: without a CRM there is nobody to tell


def measure(ground: Ground, amount: Amount) -> Mapping[str, float]:
    """Customers of a shop without a CRM, whose own limits would be measured too; in batches of one size."""
    size = max(1, amount.customers // _BATCHES)
    with ground.plot() as plot:
        plot.administer(
            *("shops", "add", "--domain", _SHOP.shop_domain, "--webhook-secret", _SHOP.secret),
            *("--name", "Quiet", "--email", "owner@quiet.example"),
        )
        whole = Whole(plot)
        with running([whole]):
            batches = [asyncio.run(_batch(plot, whole, number, size)) for number in range(_BATCHES)]
            memory = _memory(whole)
    return _told(batches) | memory


def _told(batches: list[dict[str, float]]) -> dict[str, float]:
    first, last = batches[0], batches[-1]
    growth = {f"{name}, last of first batch": last[name] / first[name] for name in first if first[name]}
    return last | growth


async def _batch(plot: Plot, whole: Whole, number: int, size: int) -> dict[str, float]:
    """Milliseconds of CPU by process, and bytes, for each task of a batch."""
    async with looking(plot.database_url) as connection:
        await QUERIES.checkpoint(connection)
    pids = _pids(plot, whole)
    disk, used = (
        await seen(plot.database_url, "disk_bytes"),
        {name: cpu_s([pid]) for name, pid in pids.items()},
    )
    await send(whole.facts["ingest_url"], arrivals(_SHOP, range(number * size + 1, (number + 1) * size + 1)))
    await until(plot.database_url, "indexed", (number + 1) * size)
    tasks = size * _TASKS_OF_EACH
    spent = {name: (cpu_s([pid]) - used[name]) * 1_000 / tasks for name, pid in pids.items()}
    grown = (await seen(plot.database_url, "disk_bytes") - disk) / tasks
    return {
        "CPU ms a task": sum(spent.values()),
        **{f"{name}: CPU ms a task": value for name, value in spent.items()},
        "database: bytes a task": grown,
    }


def _pids(plot: Plot, whole: Whole) -> dict[str, int]:
    servers = {name: pid for server in plot.ground.servers.values() for name, pid in server.pids.items()}
    return {**_services(whole), **servers}


def _services(whole: Whole) -> dict[str, int]:
    names = {service.name for service in SERVICES}
    return {name: pid for name, pid in whole.facts["pids"].items() if name in names}


def _memory(whole: Whole) -> dict[str, float]:
    by_name = {f"{name}: memory, MB": memory_mb([pid]) for name, pid in _services(whole).items()}
    return by_name | {"largest service: memory, MB": max(by_name.values())}


COST = Part(
    "cost",
    "Cost",
    "Customers are delivered to a shop without a CRM, each causing two tasks, in four batches of one size "
    "through the whole product: CPU of every process and growth of the database for each task of the last "
    "batch, and that of the last batch as a part of the first one's. Memory is what each process holds "
    "afterwards.",
    measure,
    (Target("memory per service process, MB", "largest service: memory, MB", 150, is_floor=False),),
)
