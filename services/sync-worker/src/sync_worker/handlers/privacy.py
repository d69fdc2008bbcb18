"""The shop's privacy topics that erase nothing: what is held is handed out, an uninstalled shop is let go."""

from datetime import timedelta
from typing import Any

from shared.envelope import utc_now
from shared.errors import Misconfigured
from shared.handling import Outcome, Run
from shared.vault import DataKey, SealBroken, Vault
from sync_worker.privacy.handing_out import document
from sync_worker.privacy.knowing import known_subject
from sync_worker.privacy.messages import domain_of
from sync_worker.privacy.subject import PersonRequest, Subject, subject_hash, subject_of
from sync_worker.shopify.reading import read, triggered_at
from sync_worker.store import privacy, shop_erasure
from sync_worker.store.privacy import Asked, Held, ShopState, Task

DUE = timedelta(days=30)
TASKS_AT_ONCE = 1_000
NOT_KNOWN = "The shop is not known here: nothing is held of it"
NOTHING_HELD = "Nothing is held of this person"
READY = "An administrator can download what is held for 30 days: GET /api/v1/privacy-requests/{}/export"
LET_GO = "The shop is let go: its schedules have stopped, its accounts are off and keep no credentials"
REINSTALLED = "The app was installed again since: the shop was left as it is"
NO_CREDENTIALS = b"{}"


async def customers_data_request(vault: Vault, run: Run) -> Outcome:
    """Collects what is held of a person, sealed, for an administrator to hand out."""
    told = read(PersonRequest, run.payload.body, what="request")
    shop_id, subject = run.task.shop_id, subject_of(told)
    about = await _tasks_about(run.pool, shop_id, subject)
    connection = await run.begin()
    shop = await privacy.shop_state(connection, shop_id)
    domain = shop.domain if shop else domain_of(run, told)
    request = await privacy.open_request(connection, asked(run, "data_request", domain, subject=subject))
    held = await privacy.held(connection, shop_id, subject)
    if shop is None or held.is_nothing:
        await privacy.close(connection, request, {})
        return Outcome(note=NOTHING_HELD if shop else NOT_KNOWN)
    counts = _counts(held, about)
    found = document(domain, held, about, now=utc_now())
    sealed = data_key(vault, shop).seal(found, run.task.id)
    await privacy.keep_export(connection, request, sealed, counts)
    return Outcome(note=READY.format(request.id), summary=counts)


async def app_uninstalled(vault: Vault, run: Run) -> Outcome:
    """Lets go of the shop, unless the app was installed again after it was uninstalled."""
    connection = await run.begin()
    shop = await privacy.shop_state(connection, run.task.shop_id)
    if shop is None:
        return Outcome(note=NOT_KNOWN)
    at = triggered_at(run.payload)
    if at is not None and shop.is_active and shop.installed_at > at:
        return Outcome(note=REINSTALLED)
    day = (at or utc_now()).date().isoformat()
    await shop_erasure.disconnect(
        connection,
        run.task.shop_id,
        at=at,
        problem=f"The app was uninstalled from the shop on {day}: nothing is sent any more",
        no_credentials=vault.seal(NO_CREDENTIALS),
    )
    return Outcome(note=LET_GO)


def asked(
    run: Run, kind: str, domain: str, *, subject: Subject | None = None, sealed: bytes | None = None
) -> Asked:
    """The request of a delivery, due in thirty days."""
    return Asked(
        shop_id=run.task.shop_id,
        shop_domain=domain,
        kind=kind,
        task_id=run.task.id,
        due_at=run.task.queued_at + DUE,
        subject_hash=subject_hash(domain, subject.customer_id) if subject else None,
        subject=sealed,
    )


def data_key(vault: Vault, shop: ShopState) -> DataKey:
    """Raises Misconfigured when none of SECRET_KEYS opens it."""
    try:
        return vault.open_data_key(shop.data_key)
    except (SealBroken, ValueError) as error:
        text = "The shop's data key does not open with SECRET_KEYS: put the key back with which it was sealed"
        raise Misconfigured(text, kind="configuration") from error


async def _tasks_about(pool: Any, shop_id: int, subject: Subject) -> list[Task]:
    """The tasks that worked on the person or their orders, as far as their data is still kept."""
    after = await privacy.before_oldest_payload(pool)
    found: list[Task] = []
    if after is None:
        return found
    known = known_subject(subject, await privacy.held(pool, shop_id, subject))
    while page := await privacy.tasks(pool, shop_id, after=after, wanted=TASKS_AT_ONCE):
        found += [task for task in page if task.source_id in known.source_ids]
        after = page[-1].id
    return found


def _counts(held: Held, tasks: list[Task]) -> dict[str, int]:
    return {
        "customers": int(held.customer is not None),
        "orders": len(held.orders),
        "refunds": len(held.refunds),
        "fulfilments": len(held.fulfilments),
        "tasks": len(tasks),
    }
