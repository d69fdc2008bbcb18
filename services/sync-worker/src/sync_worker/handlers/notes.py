"""Sentences that tell people why a task had less to do than expected."""

from typing import assert_never

from sync_worker.freshness import Freshness

NO_CRM = "Not sent on: the shop has no active CRM account. Add one of kind 'engage', then retry"


def idle_note(verdict: Freshness) -> str | None:
    """None: there is something to hand on."""
    match verdict:
        case Freshness.NEWER:
            return None
        case Freshness.UNCHANGED:
            return "Nothing that matters has changed"
        case Freshness.OLDER:
            return "Older than what is stored: left as it is"
        case Freshness.DELETED:
            return "It was deleted in the shop before: left deleted"
        case _:
            assert_never(verdict)
