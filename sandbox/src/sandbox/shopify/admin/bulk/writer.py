"""Writes a bulk result to its file; for large ones this module is the program of a process of their own."""

import asyncio
import os
import pickle
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import orjson

from sandbox.shopify.admin.bulk.lines import Lines, Tally, with_broken, write_lines
from sandbox.shopify.admin.bulk.plan import plan_query
from sandbox.shopify.admin.context import Context
from sandbox.shopify.behaviour import Behaviour, BulkOrder
from sandbox.shopify.delivery import Sender
from sandbox.shopify.records import Records

if TYPE_CHECKING:
    from sandbox.shopify.app import ShopifyShop

_NICENESS = 5


@dataclass(frozen=True)
class ShopSeen:
    """As much of a shop as queries look at."""

    sender: Sender
    records: Records
    behaviour: Behaviour


@dataclass(frozen=True)
class Job:
    """A bulk query and everything it needs; `shop` is the shop as it was when it began."""

    query: str
    shop: ShopSeen
    file: Path
    grouped: bool
    api_version: str
    seed: str


def write(job: Job) -> Tally:
    """Write the whole file and say what is in it."""
    behaviour, tally = job.shop.behaviour, Tally()
    ctx = Context(cast("ShopifyShop", job.shop), base_url="", api_version=job.api_version)
    order = BulkOrder.GROUPED if job.grouped else behaviour.bulk_order
    lines = Lines(plan_query(job.query), ctx, tally).ordered(order, behaviour.bulk_shuffle_window, job.seed)
    with job.file.open("wb") as file:
        write_lines(with_broken(lines, behaviour.bulk_bad_lines, tally), file.write, tally)
    return tally


async def write_elsewhere(job: Job) -> Tally:
    """Like `write`, in another process, so that the sandbox goes on answering; cancelling ends it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        told, _ = await process.communicate(pickle.dumps(job))
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise RuntimeError(f"the bulk writer ended with {process.returncode}")
    return Tally(**orjson.loads(told))


def main() -> None:
    os.nice(_NICENESS)
    job = pickle.load(sys.stdin.buffer)  # noqa: S301 - what the parent process has just written
    sys.stdout.buffer.write(orjson.dumps(asdict(write(job))))


if __name__ == "__main__":
    main()
