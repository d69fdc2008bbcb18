"""Personal data is removed wherever it was kept: first from the store, then in slices from every copy.

An hour later everything is looked through once more: what was on its way the first time has arrived by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from shared.clients.shopify_account import shopify_account_id
from shared.clients.shopify_admin import ShopAdmins
from shared.dead_letters import DeadLetters
from shared.envelope import utc_now
from shared.errors import Misconfigured, Obsolete
from shared.handling import FollowUp, Outcome, Run
from shared.identity import first_id_at
from shared.tasks import TaskType
from shared.vault import Vault
from sync_worker.clients.documents import load_document
from sync_worker.handlers.privacy import NO_CREDENTIALS, NOT_KNOWN, asked, data_key
from sync_worker.imports.slices import Slice
from sync_worker.privacy.erasing import Search, erase_payloads, erase_the_rest
from sync_worker.privacy.knowing import known_subject
from sync_worker.privacy.messages import Step, domain_of, is_delivery
from sync_worker.privacy.searches import PersonSearch, ShopSearch
from sync_worker.privacy.subject import PersonRequest, ShopRequest, Subject, subject_of
from sync_worker.shopify.reading import read
from sync_worker.store import privacy, shop_erasure, states
from sync_worker.store.privacy import Request

INSTALLED = "The app is installed in the shop again: nothing was erased"
GOES_ON = "Stored copies are being looked through; the next task goes on"
ONCE_MORE = "Removed. What was on its way meanwhile is looked for once more later"
DONE = "Everything was removed"
ROWS_AT_ONCE = 5_000
BEFORE_REQUEST = timedelta(days=2)
_INSTALLED = load_document("installed", cost=1)


@dataclass(frozen=True, slots=True)
class Erasure:
    """`letters` None: there is no broker to look into. `second_look`: how long after the first."""

    vault: Vault
    shops: ShopAdmins
    letters: DeadLetters | None = None
    second_look: timedelta = timedelta(hours=1)


async def customers_redact(erasure: Erasure, run: Run) -> Outcome:
    """Removes a person: of the customer a tombstone stays, of their orders what was bought and paid."""
    if not is_delivery(run):
        return await _go_on(erasure, run, TaskType.CUSTOMERS_REDACT)
    told = read(PersonRequest, run.payload.body, what="request")
    connection, shop_id = await run.begin(), run.task.shop_id
    shop = await privacy.shop_state(connection, shop_id)
    if shop is None:
        return await _noted(connection, run, "customer_redact", domain_of(run, told), note=NOT_KNOWN)
    subject, counts = await _strip(connection, shop_id, subject_of(told))
    sealed = erasure.vault.seal(subject.model_dump_json().encode())
    wish = asked(run, "customer_redact", shop.domain, subject=subject, sealed=sealed)
    request = await privacy.open_request(connection, wish)
    await privacy.drop_exports_about(connection, request)
    return await _begun(connection, request, counts, TaskType.CUSTOMERS_REDACT)


async def shop_redact(erasure: Erasure, run: Run) -> Outcome:
    """Erases a shop whose app was uninstalled: first the key to its copies, then all there is."""
    if not is_delivery(run):
        return await _go_on(erasure, run, TaskType.SHOP_REDACT)
    told = read(ShopRequest, run.payload.body, what="request")
    is_installed = await _is_installed(erasure.shops, run)
    connection, shop_id = await run.begin(), run.task.shop_id
    shop = await privacy.shop_state(connection, shop_id)
    if shop is None or is_installed:
        domain, note = (shop.domain, INSTALLED) if shop else (domain_of(run, told), NOT_KNOWN)
        return await _noted(connection, run, "shop_redact", domain, note=note)
    await shop_erasure.erase_keys(
        connection,
        shop_id,
        data_key=erasure.vault.new_data_key(),
        no_credentials=erasure.vault.seal(NO_CREDENTIALS),
    )
    request = await privacy.open_request(connection, asked(run, "shop_redact", shop.domain))
    return await _begun(connection, request, {"keys": 1}, TaskType.SHOP_REDACT)


async def _noted(connection: Any, run: Run, kind: str, domain: str, *, note: str) -> Outcome:
    """A request after which there is nothing to do."""
    request = await privacy.open_request(connection, asked(run, kind, domain))
    await privacy.close(connection, request, {})
    return Outcome(note=note)


async def _begun(
    connection: Any, request: Request, counts: Mapping[str, int], task_type: TaskType
) -> Outcome:
    """The copies are looked through from the oldest on."""
    after = await privacy.before_oldest_payload(connection) or first_id_at(utc_now())
    cursor = {"look": 1, "after": str(after)}
    await privacy.advance(connection, request, cursor, dict(counts))
    return Outcome(summary=dict(counts), follow_ups=(_step(task_type, request),))


async def _go_on(erasure: Erasure, run: Run, task_type: TaskType) -> Outcome:
    part, step = Slice(), read(Step, run.payload.body, what="step", sender="a request")
    request = await privacy.find_request(run.pool, step.request_id)
    search = await _search(erasure, run, request)
    request, is_through = await _drop_tables(run.pool, request, search, part)
    if is_through:
        request, is_through = await erase_payloads(run.pool, request, search, part)
    if not is_through:
        return Outcome(note=GOES_ON, follow_ups=(_step(task_type, request),))
    counts = await erase_the_rest(run.pool, search, erasure.letters)
    return await _looked(erasure, run, replace(request, summary=request.told(**counts)), task_type)


async def _looked(erasure: Erasure, run: Run, request: Request, task_type: TaskType) -> Outcome:
    """After the first look a second one is due; after that one it is done."""
    connection = await run.begin()
    if request.cursor is not None and request.cursor["look"] == 1:
        since = first_id_at(request.requested_at - BEFORE_REQUEST)
        await privacy.advance(connection, request, {"look": 2, "after": str(since)}, request.summary)
        delay_ms = int(erasure.second_look.total_seconds() * 1000)
        step = _step(task_type, request, delay_ms=delay_ms)
        return Outcome(note=ONCE_MORE, summary=dict(request.summary), follow_ups=(step,))
    summary = dict(request.summary)
    if request.subject is not None:
        _, counts = await _strip(connection, request.shop_id, _subject(erasure, request))
        await privacy.drop_exports_about(connection, request)
        summary["orders_again"] = counts["orders"]
    await privacy.close(connection, request, summary)
    return Outcome(note=DONE, summary=summary)


async def _strip(connection: Any, shop_id: int, subject: Subject) -> tuple[Subject, dict[str, int]]:
    """Removes a person from the store; who they are is known better after it was read."""
    held = await privacy.held(connection, shop_id, subject)
    known = known_subject(subject, held)
    if known.customer_id is not None:
        await states.bury_customer(connection, shop_id, known.customer_id, deleted_at=utc_now())
    counts = await privacy.strip(connection, shop_id, held)
    await privacy.forget_changes(connection, shop_id, known)
    return known, {"customers": int(held.customer is not None), **counts}


async def _search(erasure: Erasure, run: Run, request: Request) -> Search:
    """Raises Obsolete for a shop that was connected again: its new data is not to be erased."""
    async with run.pool.acquire() as connection:
        shop = await privacy.shop_state(connection, request.shop_id)
    if request.subject is None:
        if shop is None or shop.is_active:
            raise Obsolete("The shop was connected again meanwhile: what is left was not erased")
        return ShopSearch(request.shop_id)
    key = data_key(erasure.vault, shop) if shop is not None else None
    return PersonSearch(request.shop_id, _subject(erasure, request), key)


async def _drop_tables(pool: Any, request: Request, search: Search, part: Slice) -> tuple[Request, bool]:
    """The rows of a whole shop, some at a time."""
    while isinstance(search, ShopSearch):
        dropped = await shop_erasure.drop_some(pool, search.shop_id, at_most=ROWS_AT_ONCE)
        if dropped is None:
            break
        request = replace(request, summary=request.told(**{dropped[0]: dropped[1]}))
        if part.is_over:
            await privacy.keep_summary(pool, request)
            return request, False
    return request, True


async def _is_installed(shops: ShopAdmins, run: Run) -> bool:
    """Shopify asks 48 hours after the app was uninstalled; meanwhile it may have been installed again."""
    async with run.pool.acquire() as connection:
        shop = await privacy.shop_state(connection, run.task.shop_id)
    if shop is None or not shop.is_active:
        return False
    if await shopify_account_id(run.pool, run.task.shop_id) is None:
        return True
    try:
        await (await shops.open(run.pool, run.task)).call(_INSTALLED)
    except Misconfigured as error:
        if error.kind != "authentication":
            raise
        return False
    return True


def _subject(erasure: Erasure, request: Request) -> Subject:
    assert request.subject is not None
    return Subject.model_validate_json(erasure.vault.open(request.subject))


def _step(task_type: TaskType, request: Request, *, delay_ms: int = 0) -> FollowUp:
    return FollowUp(task_type, Step(request_id=request.id).payload(), delay_ms=delay_ms)
