"""Who is told of a shop's alerts. Pure."""

from collections.abc import Iterable, Sequence

from shared.alerts.channels import Channel
from shared.alerts.notifications import MAIL, Recipient


def recipients(addresses: Iterable[str], channels: Sequence[Channel]) -> list[Recipient]:
    """Each once, however its capitals are written; the first address is the shop's own."""
    mailboxes: dict[str, str] = {}
    for address in addresses:
        if address:
            mailboxes.setdefault(address.casefold(), address)
    mails = [Recipient(MAIL, address) for address in mailboxes.values()]
    return mails + [Recipient(channel.kind, channel.name) for channel in channels]
