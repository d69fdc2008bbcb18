"""`query-api requeue`: after the broker has lost its messages."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from query_api.commands.running import FAILED, Mistake, console, note, read, run_by_parts, stop, told, vault
from query_api.repository.audit import Deed
from query_api.requeue.requeueing import Defer, Report, Requeueing
from query_api.requeue.stuck import Standing, Wanted
from query_api.settings import BrokerSettings
from shared.broker import build_broker, connect_when_up
from shared.envelope import utc_now
from shared.publishing import NotPublished, Publisher
from shared.vault import Vault

CONNECT_PATIENCE_S = 15
LONGEST_WAIT = timedelta(days=30)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def requeue(  # noqa: PLR0913, PLR0917  one parameter per option
    stuck: Annotated[
        bool, typer.Option("--stuck", help="What waits and may have no message any more.")
    ] = False,
    older_than: Annotated[str, typer.Option(help="Nothing heard for so long, e.g. 90s, 15m, 6h.")] = "15m",
    not_due: Annotated[
        bool, typer.Option("--not-due", help="Also what waits for its time: that was lost as well.")
    ] = False,
    shop: Annotated[str | None, typer.Option(help="Of this shop only, by its domain.")] = None,
    per_second: Annotated[float, typer.Option(min=0.1, help="So many messages a second at most.")] = 200,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Counts, and publishes nothing.")] = False,
) -> None:
    """Publishes tasks that wait again, from the log and under their ids: done twice, it changes nothing."""
    report = Report()
    with told():
        if not stuck:
            raise Mistake("Say what to publish again: --stuck. Try --dry-run first.")
        before = utc_now() - _span(older_than)
        wanted = Wanted(before, before + LONGEST_WAIT if not_due else before, shop)
        try:
            run_by_parts(_requeue, wanted, report, vault(), None if dry_run else per_second)
        except NotPublished as error:
            stop(f"{_summary(report)} Then the broker did not answer: {error}. Run it again.", FAILED)
    _show(report)
    typer.echo(f"Would publish {report.of(Standing.LOST)} tasks again." if dry_run else _summary(report))


async def _requeue(
    connection: Any, wanted: Wanted, report: Report, keys: Vault, per_second: float | None
) -> None:
    if per_second is None:
        await Requeueing(connection, keys, defer=None, per_second=1_000).run(wanted, report)
        return
    async with _broker() as defer:
        await Requeueing(connection, keys, defer=defer, per_second=per_second).run(wanted, report)
    detail = {"published": report.of(Standing.LOST), "shop": wanted.domain}
    await note(connection, Deed("tasks.requeue", None, detail))


@asynccontextmanager
async def _broker() -> AsyncIterator[Defer]:
    """Raises NotPublished when it is not there. Declares what it may have lost."""
    broker = build_broker(read(BrokerSettings).rabbitmq_url.get_secret_value(), app_id="query-api command")
    publisher = Publisher(broker)
    try:
        await _connect(broker)
        yield lambda message, wanted_ms: publisher.defer(message, wanted_ms=wanted_ms)
    finally:
        await broker.stop()


async def _connect(broker: Any) -> None:
    try:
        await asyncio.wait_for(connect_when_up(broker), CONNECT_PATIENCE_S)
    except TimeoutError as error:
        raise NotPublished(f"no connection within {CONNECT_PATIENCE_S} s") from error


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)([smhd])", text.strip())
    if found is None:
        raise Mistake(f"--older-than {text!r} is no length of time; examples are 90s, 15m, 6h, 2d.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _summary(report: Report) -> str:
    return f"Published {report.of(Standing.LOST)} tasks again."


def _show(report: Report) -> None:
    table = Table("shop", "type", "tasks", "", box=None)
    for (domain, kind, standing), n in sorted(report.numbers.items()):
        table.add_row(domain, kind, str(n), standing.value)
    console().print(table)
