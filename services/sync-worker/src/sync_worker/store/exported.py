"""Pages of exported customers and orders, stored together by the same rules as every other state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.db.queries import load_queries
from sync_worker.freshness import Known, Stamp, is_older
from sync_worker.imports.objects import CustomerState, OrderState
from sync_worker.imports.verdicts import Kept, verdict_on
from sync_worker.shopify.consents import Channel, Consent
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order

_queries = load_queries(__file__, "exported")

_COLUMNS = {Channel.EMAIL: "email_consent", Channel.SMS: "sms_consent"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each state; `to_sync` are those the CRM does not know as they are now."""

    verdicts: Mapping[str, Kept]
    to_sync: Sequence[str]


async def keep_customers(connection: Any, shop_id: int, states: Mapping[str, CustomerState]) -> Outcome:
    """Inside the caller's transaction. A customer without a contact is to be synced also when unchanged."""
    rows = _queries.lock_customers(connection, shop_id=shop_id, source_ids=sorted(states))
    known = {row["source_id"]: row async for row in rows}
    verdicts = _verdicts(states, known)
    chosen = {source_id: states[source_id] for source_id in sorted(_written(verdicts))}
    if chosen:
        kept = _queries.keep_customers(
            connection,
            shop_id=shop_id,
            judged=list(known),
            **_facts(chosen),
            email_consents=[_consent(state, Channel.EMAIL) for state in chosen.values()],
            sms_consents=[_consent(state, Channel.SMS) for state in chosen.values()],
            tags=[_document(list(state.tags)) for state in chosen.values()],
        )
        _mark_overtaken(verdicts, chosen, {row["source_id"] async for row in kept})
    await _keep_consents(connection, shop_id, states, known)
    unlinked = [source_id for source_id, row in known.items() if row["contact_id"] is None]
    return Outcome(verdicts, _to_sync(verdicts, unlinked))


async def keep_orders(
    connection: Any, shop_id: int, states: Mapping[str, OrderState], *, crm_account_id: int | None
) -> Outcome:
    """Inside the caller's transaction. A paid order without a receipt is to be synced also when unchanged."""
    rows = _queries.lock_orders(
        connection, shop_id=shop_id, source_ids=sorted(states), account_id=crm_account_id
    )
    known = {row["source_id"]: row async for row in rows}
    verdicts = _verdicts(states, known)
    chosen = {source_id: states[source_id] for source_id in sorted(_written(verdicts))}
    if chosen:
        orders = [one.state for one in chosen.values()]
        kept = _queries.keep_orders(
            connection,
            shop_id=shop_id,
            judged=list(known),
            **_facts(chosen),
            order_numbers=[order.label for order in orders],
            customer_ids=[order.customer.id if order.customer else None for order in orders],
        )
        _mark_overtaken(verdicts, chosen, {row["source_id"] async for row in kept})
    untold = [source_id for source_id, row in known.items() if row["is_untold"]]
    return Outcome(verdicts, _to_sync(verdicts, untold))


def _verdicts(
    states: Mapping[str, CustomerState] | Mapping[str, OrderState], known: Mapping[str, Any]
) -> dict[str, Kept]:
    return {
        source_id: verdict_on(_known(known.get(source_id)), Stamp(one.state.updated_at), one.digest)
        for source_id, one in states.items()
    }


def _known(row: Any) -> Known | None:
    if row is None:
        return None
    stamp = Stamp(row["updated_at"], row["triggered_at"])
    return Known(stamp, row["content_hash"], is_deleted=row["deleted_at"] is not None)


def _written(verdicts: Mapping[str, Kept]) -> list[str]:
    return [source_id for source_id, verdict in verdicts.items() if verdict.is_written]


def _mark_overtaken(verdicts: dict[str, Kept], chosen: Mapping[str, object], kept: set[str]) -> None:
    """A webhook brought the same or a newer state while this one was judged."""
    verdicts.update({source_id: Kept.OLDER for source_id in chosen if source_id not in kept})


def _to_sync(verdicts: Mapping[str, Kept], untold: Sequence[str]) -> list[str]:
    waiting = [source_id for source_id in untold if verdicts[source_id] is Kept.UNCHANGED]
    return [*_written(verdicts), *waiting]


def _facts(chosen: Mapping[str, CustomerState] | Mapping[str, OrderState]) -> dict[str, Any]:
    states: list[Customer | Order] = [one.state for one in chosen.values()]
    return {
        "source_ids": list(chosen),
        "updated_ats": [state.updated_at for state in states],
        "content_hashes": [one.digest for one in chosen.values()],
        "datas": [one.data for one in chosen.values()],
    }


async def _keep_consents(
    connection: Any, shop_id: int, states: Mapping[str, CustomerState], known: Mapping[str, Any]
) -> None:
    """Consents that are newer than the stored ones, and tags of which no webhook has told."""
    news = {
        source_id: facts
        for source_id, row in known.items()
        if row["deleted_at"] is None and any(facts := _news(row, states[source_id]))
    }
    if news:
        email, sms, tags = zip(*news.values(), strict=True)
        columns = {"email_consents": email, "sms_consents": sms, "tags": [_document(one) for one in tags]}
        await _queries.keep_consents(connection, shop_id=shop_id, source_ids=list(news), **columns)


def _document(tags: list[str] | None) -> dict[str, list[str]] | None:
    """Lists within an array would be taken for its second dimension."""
    return None if tags is None else {"tags": tags}


def _news(row: Any, state: CustomerState) -> tuple[Any, Any, list[str] | None]:
    is_told = bool(row["tag_changes"]) or list(state.tags) == row["tags"]
    email, sms = (
        _consent(state, channel) if _is_news(row[column], state.consents.get(channel)) else None
        for channel, column in _COLUMNS.items()
    )
    return email, sms, None if is_told else list(state.tags)


def _is_news(stored: Any, consent: Consent | None) -> bool:
    if consent is None or stored is None:
        return consent is not None
    known = Consent.model_validate(stored)
    return is_older(Stamp(known.consent_updated_at), Stamp(consent.consent_updated_at))


def _consent(state: CustomerState, channel: Channel) -> Any:
    consent = state.consents.get(channel)
    return None if consent is None else consent.model_dump(mode="json", exclude_none=True)
