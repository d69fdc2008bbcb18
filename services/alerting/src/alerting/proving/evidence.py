"""What a shop answered about a silence, and what that shows. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerting.proving.words import Counted, told
from shared.alerts.silence import ProofVerdict, WantedProof
from shared.tasks import TaskType

# Silences begin with a minute in which an order was synced: that order is not missing in them.
_BEGINNING = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MadeOrder:
    """An order of the shop; `number` is what people call it."""

    id: str
    number: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """`orders`: made in the silence, the oldest first; unless `is_whole` there are more. `known`, `synced`:
    those of them that are stored here, and that got through. `gone`: topics the shop no longer sends here;
    None: that was not to be found out."""

    orders: tuple[MadeOrder, ...]
    is_whole: bool
    known: frozenset[str]
    synced: frozenset[str]
    gone: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a proof says. `order_ids`: the missed ones. `remedies`: what has to be run for it."""

    verdict: ProofVerdict
    words: str
    made: int = 0
    order_ids: tuple[str, ...] = ()
    remedies: tuple[TaskType, ...] = ()


def unproven(reason: str) -> Finding:
    """`reason`: why the shop could not be asked, as its client words it."""
    text = reason.strip().rstrip(".")
    return Finding(ProofVerdict.UNPROVEN, f"{text[:1].upper()}{text[1:]}.")


def finding_of(evidence: Evidence, wanted: WantedProof, zone: ZoneInfo) -> Finding:
    """A subscription that is gone is the graver finding: it says why orders are missing."""
    made = [one for one in evidence.orders if not _is_from_before(one, evidence, wanted)]
    missed = [one for one in made if one.id not in evidence.synced]
    unheard = [one for one in missed if one.id not in evidence.known]
    return Finding(
        _verdict(evidence, missed),
        told(evidence.gone, _counts(evidence, made, missed, unheard), wanted.since, zone),
        made=len(made),
        order_ids=tuple(one.id for one in missed),
        remedies=_remedies(evidence, unheard),
    )


def _is_from_before(order: MadeOrder, evidence: Evidence, wanted: WantedProof) -> bool:
    return order.id in evidence.synced and order.made_at < wanted.since + _BEGINNING


def _verdict(evidence: Evidence, missed: Collection[MadeOrder]) -> ProofVerdict:
    if evidence.gone:
        return ProofVerdict.SUBSCRIPTION_GONE
    return ProofVerdict.MISSED if missed else ProofVerdict.QUIET


def _counts(
    evidence: Evidence,
    made: Collection[MadeOrder],
    missed: Collection[MadeOrder],
    unheard: Collection[MadeOrder],
) -> Counted:
    numbers = tuple(one.number for one in unheard)
    return Counted(len(made), len(missed), numbers, is_whole=evidence.is_whole)


def _remedies(evidence: Evidence, unheard: Collection[MadeOrder]) -> tuple[TaskType, ...]:
    """What is known here and did not get through is not helped by asking for it again."""
    wanted = {TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS: evidence.gone, TaskType.INDEX_ORDERS: unheard}
    return tuple(type_ for type_, reason in wanted.items() if reason)
