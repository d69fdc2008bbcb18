"""One seller at eBay: how the account is opened, and how its requests get their access token."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from shared.accounts import open_account
from shared.call_outcomes import CallOutcome
from shared.clients import answers
from shared.clients.http import RecordedHttp, Reply, Terms
from shared.envelope import TaskHeader, utc_now
from shared.marketplaces.ebay import EBAY, EbayAccount
from shared.tasks import Api
from shared.vault import Vault
from writeback.clients import ebay_answers
from writeback.clients.access_tokens import AccessTokens, Grant, Key, key_of

API = ebay_answers.API
LARGEST_ANSWER = 16 * 1024 * 1024
KEPT_OF_ANSWER = 64 * 1024


class EbayAccounts:
    """One per process: keeps the access tokens of all accounts."""

    def __init__(self, client: httpx.AsyncClient, vault: Vault) -> None:
        self._http = RecordedHttp(client, api=API)
        self._vault = vault
        self._tokens = AccessTokens()

    async def open(self, pool: Any, task: TaskHeader) -> "Ebay":
        """Raises Obsolete or Misconfigured when the task's account can not be used."""
        account = await open_account(pool, task, self._vault, EBAY)
        return Ebay(account, self._http, self._tokens)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, made anew for each access token.

    `repeatable`: sent twice it does no harm. `kept_of_answer`: how much of it people may see; none of what
    tells of buyers.
    """

    with_token: Callable[[str], httpx.Request]
    is_refused: Callable[[Reply], bool]
    repeatable: bool
    category: Api | None = None
    outcome_of: Callable[[Reply], CallOutcome | None] | None = None
    kept_of_answer: int = KEPT_OF_ANSWER


@dataclass(frozen=True, slots=True)
class Ebay:
    """Sends one seller's requests."""

    account: EbayAccount
    http: RecordedHttp
    tokens: AccessTokens

    async def send(self, ask: Ask) -> Reply:
        """Any status is an answer. A token that eBay does not take is replaced once: it had no effect.

        Raises Misconfigured when no token is given out, and as `transport_error` says.
        """
        token = await self._token()
        reply = await self._exchange(ask, token)
        if not ask.is_refused(reply):
            return reply
        return await self._exchange(ask, await self._token(refused=token))

    async def _exchange(self, ask: Ask, token: str) -> Reply:
        terms = Terms(
            largest_answer=LARGEST_ANSWER,
            kept_of_answer=ask.kept_of_answer,
            account_id=self.account.id,
            category=ask.category,
            outcome_of=ask.outcome_of,
        )
        return await self.http.send(ask.with_token(token), repeatable=ask.repeatable, terms=terms)

    async def _token(self, *, refused: str | None = None) -> str:
        return await self.tokens.get(self._key, self._grant, refused=refused)

    @property
    def _key(self) -> Key:
        credentials, settings = self.account.credentials, self.account.settings
        secrets = (credentials.client_id, credentials.client_secret, credentials.refresh_token)
        return key_of(self.account.id, settings.token_url(self.account.base_url), *secrets, *settings.scopes)

    async def _grant(self) -> Grant:
        """Asks for a token. What is sent and answered is recorded without its content."""
        terms = Terms(account_id=self.account.id, hides_bodies=True)
        reply = await self.http.send(self._token_request(), repeatable=True, terms=terms)
        if reply.status != 200:
            raise ebay_answers.token_error(reply, utc_now())
        grant = ebay_answers.grant_of(reply)
        if grant is None:
            raise answers.malformed(Reply(reply.status, {}, b""), api=API)
        return grant

    def _token_request(self) -> httpx.Request:
        """eBay: the application names itself by Basic authorisation, the seller by the refresh token."""
        credentials, settings = self.account.credentials, self.account.settings
        pair = f"{credentials.client_id}:{credentials.client_secret}".encode()
        headers = {
            "authorization": f"Basic {base64.b64encode(pair).decode()}",
            "content-type": "application/x-www-form-urlencoded",
        }
        form = {"grant_type": "refresh_token", "refresh_token": credentials.refresh_token}
        form |= {"scope": " ".join(settings.scopes)} if settings.scopes else {}
        url = settings.token_url(self.account.base_url)
        return self.http.request("POST", url, headers, urlencode(form).encode())
