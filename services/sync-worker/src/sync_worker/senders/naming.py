"""Ids of other senders. Pure.

Theirs count from one, so two shops have the same ones, and the CRM may know both shops. With the sender and
the shop's domain before it an id is nobody else's.
"""

import re
from enum import StrEnum

from sync_worker.shopify.fields import foreign_id


class Sender(StrEnum):
    WOOCOMMERCE = "woocommerce"
    STANDARD = "standard"


_USABLE = re.compile(r"[!-~]{1,64}")


def is_usable(sender_id: str) -> bool:
    """Printable ASCII without blanks: it goes into addresses of other systems."""
    return _USABLE.fullmatch(sender_id) is not None


def our_id(sender: Sender, domain: str, sender_id: str | None) -> str | None:
    return foreign_id(sender, domain, sender_id) if sender_id else None
