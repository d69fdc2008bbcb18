"""What a shop's answer about a silence shows, and how people are told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerting.proving.evidence import Evidence, Finding, MadeOrder, finding_of, unproven
from shared.alerts.silence import ProofVerdict, WantedProof
from shared.tasks import TaskType

SINCE = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
WANTED = WantedProof(SINCE, SINCE + timedelta(hours=6), timedelta(hours=6))
IN_PLACE = "It still tells of its orders: its webhook subscriptions are in place."
GONE = "Its webhook subscription for orders/create is gone: it no longer tells of its orders."


def orders(n: int) -> tuple[MadeOrder, ...]:
    return tuple(MadeOrder(str(i), f"#100{i}", SINCE + timedelta(minutes=5 + i)) for i in range(n))


def finding(n: int = 0, **more: Any) -> Finding:
    """Of so many orders; `known` and `synced` count from the first."""
    known, synced = (frozenset(map(str, range(more.pop(name, 0)))) for name in ("known", "synced"))
    facts: dict[str, Any] = {"is_whole": True, "gone": ()} | more
    evidence = Evidence(orders(n), known=known, synced=synced, **facts)
    return finding_of(evidence, WANTED, ZoneInfo("Europe/Stockholm"))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (finding(), f"{IN_PLACE} It had no order since Fri 20 Nov 2026 14:05."),
        (finding(gone=None), "It had no order since Fri 20 Nov 2026 14:05."),
        (finding(gone=("orders/create",)), f"{GONE} It had no order since Fri 20 Nov 2026 14:05."),
        (
            finding(1),
            (
                "It had 1 order since Fri 20 Nov 2026 14:05, which is not synced. "
                "Nobody told Syncledger of #1000: it is being fetched."
            ),
        ),
        (
            finding(5, known=1),
            (
                "It had 5 orders since Fri 20 Nov 2026 14:05, none of which is synced. "
                "Nobody told Syncledger of #1001, #1002, #1003 and 1 more: they are being fetched. "
                "1 order is known here but did not get through: see the tasks of the order sync."
            ),
        ),
        (
            finding(3, known=3, synced=1, is_whole=False),
            (
                "It had more than 3 orders since Fri 20 Nov 2026 14:05, of which 2 are not synced. "
                "2 orders are known here but did not get through: see the tasks of the order sync."
            ),
        ),
    ],
)
def test_people_read_what_the_shop_said(found: Finding, words: str) -> None:
    assert found.words == words


def test_quiet_needs_no_remedy() -> None:
    assert (finding().verdict, finding().remedies) == (ProofVerdict.QUIET, ())


def test_only_what_nobody_told_of_is_fetched() -> None:
    found = finding(3, known=1)
    assert (found.verdict, found.made, found.order_ids) == (ProofVerdict.MISSED, 3, ("0", "1", "2"))
    assert found.remedies == (TaskType.INDEX_ORDERS,)
    assert finding(3, known=3).remedies == ()


def test_a_subscription_that_is_gone_outweighs_missed_orders() -> None:
    found = finding(2, gone=("orders/create", "orders/updated"))
    assert found.verdict is ProofVerdict.SUBSCRIPTION_GONE
    assert found.remedies == (TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS, TaskType.INDEX_ORDERS)
    assert found.words.startswith("Its webhook subscriptions for orders/create and orders/updated are gone")


def test_the_order_the_silence_began_with_was_not_made_in_it() -> None:
    first = MadeOrder("1", "#1", SINCE + timedelta(seconds=20))
    evidence = Evidence((first,), True, frozenset("1"), frozenset("1"), ())
    found = finding_of(evidence, WANTED, ZoneInfo("UTC"))
    assert (found.verdict, found.made) == (ProofVerdict.QUIET, 0)
    lost = Evidence((first,), True, frozenset(), frozenset(), ())
    assert finding_of(lost, WANTED, ZoneInfo("UTC")).verdict is ProofVerdict.MISSED


def test_why_a_shop_could_not_be_asked_is_a_sentence() -> None:
    assert unproven("the shop's token was refused").words == "The shop's token was refused."
    assert unproven("Gone.").words == "Gone."
