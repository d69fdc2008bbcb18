"""Who may deliver for a shop: whoever signs with one of its secrets, or shows a token that may."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from ingest.abuse import BadSignatures
from ingest.delivery import Delivery
from ingest.refusals import Reason, Refusal
from ingest.shops import Secret, Shop
from ingest.signatures import NotSigned
from ingest.sources.source import Source
from ingest.tokens import TokenDirectory, Unverifiable
from shared.envelope import utc_now

RETRY_AFTER_S = 10

_WRONG_SIGNATURE = "The signature does not match; sign as documented, with the secret stored for this shop."
_STALE_SIGNATURE = "The signature's timestamp is too far from now; check the clocks, then send it again."
_BAD_TOKEN = "The token is not known here or no longer good; ask an administrator for a new one."  # noqa: S105
_ABUSE = "Too many deliveries with bad signatures or tokens came from this address; check them, then wait."


class Sender(NamedTuple):
    """`account_id`: whose secret signed; None: the shop's own, or a token, which `actor` names."""

    account_id: int | None = None
    actor: str | None = None


class Gate:
    """`app_secrets`: secrets of the installation, for topics that are open to shops nobody knows."""

    def __init__(
        self,
        tokens: TokenDirectory,
        bad_signatures: BadSignatures,
        *,
        app_secrets: tuple[bytes, ...],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tokens = tokens
        self._bad_signatures = bad_signatures
        self._app_secrets = app_secrets
        self._clock = clock

    async def bearer(self, delivery: Delivery, shop: Shop, *, client: str) -> Sender | None:
        """Whose token the delivery shows; None: it shows none. Raises Refusal."""
        if delivery.token is None:
            return None
        try:
            found = await self._tokens.find(delivery.token, self._clock())
        except Unverifiable as error:
            advice = "The token can not be looked up right now; send the delivery again."
            raise Refusal(Reason.TOKEN_UNKNOWABLE, advice, retry_after_s=RETRY_AFTER_S) from error
        if found is None:
            raise self._struck(Reason.BAD_TOKEN, _BAD_TOKEN, client)
        if not found.may_report_for(shop.id):
            advice = (
                "The token needs the role operator or admin, for this shop; ask an administrator for one."
            )
            raise Refusal(Reason.NOT_ALLOWED, advice)
        return Sender(actor=found.name)

    def signer(self, source: Source, delivery: Delivery, body: bytes, *, shop: Shop, client: str) -> Sender:
        """Whose secret signed the delivery. Raises Refusal."""
        secrets = shop.secrets_of(source.account_kind)
        if delivery.topic in source.open_topics:
            secrets += tuple(Secret(value) for value in self._app_secrets)
        values = [secret.value for secret in secrets]
        try:
            place = source.verify(delivery, body, secrets=values, now=self._clock())
        except NotSigned as error:
            is_stale = error.reason is Reason.STALE_SIGNATURE
            raise self._struck(
                error.reason, _STALE_SIGNATURE if is_stale else _WRONG_SIGNATURE, client
            ) from error
        return Sender(account_id=secrets[place].account_id)

    def _struck(self, reason: Reason, advice: str, client: str) -> Refusal:
        wait_s = self._bad_signatures.strike(client, now=time.monotonic())
        return Refusal(Reason.ABUSE, _ABUSE, retry_after_s=wait_s) if wait_s else Refusal(reason, advice)
