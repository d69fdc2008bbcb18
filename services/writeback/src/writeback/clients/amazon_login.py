"""Login with Amazon: where access tokens come from."""

from typing import Any
from urllib.parse import urlencode

import orjson

from shared.call_outcomes import CallOutcome
from shared.clients import answers
from shared.clients.http import RecordedHttp, Reply, Terms
from shared.envelope import utc_now
from shared.errors import Answer, Misconfigured, Retryable, TaskError
from shared.marketplaces.amazon import AmazonAccount
from shared.tasks import Api
from writeback.clients.access_tokens import Grant, Key, key_of

API = "Login with Amazon"

_ASK_THE_SELLER = {
    "invalid_grant": "the seller's consent is over; authorise the application again and enter the new "
    "refresh token",
    "invalid_client": "client id or client secret are wrong; correct them",
    "unauthorized_client": "the application may not do this; check its authorisation in Seller Central",
}


def token_key(account: AmazonAccount) -> Key:
    known = account.credentials
    address = str(account.settings.auth_url)
    return key_of(account.id, address, known.client_id, known.client_secret, known.refresh_token)


async def fetch_grant(http: RecordedHttp, account: AmazonAccount, category: Api) -> Grant:
    """A fresh token; what is sent and answered is recorded without its content.

    Raises Misconfigured when Amazon gives none to these credentials.
    """
    credentials = account.credentials
    form = {
        "grant_type": "refresh_token",
        "refresh_token": credentials.refresh_token,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    url = str(account.settings.auth_url)
    request = http.request("POST", url, headers, urlencode(form).encode())
    terms = Terms(account_id=account.id, category=category, hides_bodies=True, outcome_of=_outcome)
    reply = await http.send(request, repeatable=True, terms=terms)
    return grant_of(reply)


def grant_of(reply: Reply) -> Grant:
    """Raises Retryable without a word of an unreadable answer: it may hold the token."""
    if reply.status != 200:
        raise _error(reply)
    content = _content(reply)
    token, lasts_s = content.get("access_token"), content.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(lasts_s, int | float):
        answer = Answer(http_status=reply.status)
        raise Retryable(f"{API} sent no access token", answer=answer, kind="malformed_answer")
    return Grant(token, float(lasts_s))


def _outcome(reply: Reply) -> CallOutcome | None:
    """OAuth: credentials that are not taken are a 400."""
    return CallOutcome.REFUSED if reply.status == 400 else None


def _error(reply: Reply) -> TaskError:
    """Amazon: 400 with a code when asking again does not help."""
    if reply.status not in (400, 401, 403):
        return answers.error_of(reply, api=API, repeatable=True, now=utc_now())
    code = str(_content(reply).get("error", ""))
    advice = _ASK_THE_SELLER.get(code, "check client id, client secret and refresh token")
    return Misconfigured(
        f"Amazon gives no access ({code or reply.status}): {advice}", answer=answers.shown(reply)
    )


def _content(reply: Reply) -> dict[str, Any]:
    try:
        content = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
