"""Signing in by OIDC: to the provider and back."""

from typing import Annotated, Any

from authlib.common.security import generate_token
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from query_api.auth import Reader, Refused, Token
from query_api.backend import Backend, BackendOf, admitted
from query_api.console.signing import sign_in_page, signed_in
from query_api.console.visitors import local_address
from query_api.oidc_access import (
    PATIENCE,
    Departure,
    GroupRule,
    Person,
    SignInRefused,
    check_return,
    rule_for,
    unpacked,
)
from query_api.problems import not_found
from query_api.repository.persons import end_sessions_of, put_person
from query_api.repository.shops import visible_shops
from query_api.single_sign_on import SingleSignOn
from shared.envelope import utc_now
from shared.vault import SealBroken

COOKIE = "syncledger_sign_in"
PATH = "/sign-in/oidc"
VERIFIER_CHARACTERS = 64

router = APIRouter(include_in_schema=False, prefix=PATH)


@router.get("")
async def leave(
    request: Request, backend: BackendOf, wanted: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """Sends the browser to the provider."""
    sign_on = _sign_on(backend)
    state, nonce, verifier = (generate_token(VERIFIER_CHARACTERS) for _ in range(3))
    departure = Departure(state, nonce, verifier, local_address(wanted), utc_now().timestamp())
    try:
        response: Response = RedirectResponse(await sign_on.provider.address(departure), 303)
    except SignInRefused as refusal:
        return sign_in_page(backend, departure.wanted, refusal=str(refusal))
    response.set_cookie(
        COOKIE,
        backend.vault.seal(departure.packed()).decode(),
        max_age=int(PATIENCE.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/callback")
async def come_back(
    request: Request,
    backend: BackendOf,
    code: str = "",
    state: str = "",
    iss: str | None = None,
) -> Response:
    """Signs in whom the provider vouches for, with what their groups give them."""
    sign_on, wanted = _sign_on(backend), "/"
    try:
        departure = _departure(backend, request.cookies.get(COOKIE), state)
        wanted = departure.wanted
        person = await sign_on.provider.person(departure, code, iss)
        reader = await _admitted(backend, person, sign_on)
    except (SignInRefused, Refused) as refusal:
        response = sign_in_page(backend, wanted, refusal=str(refusal))
    else:
        response = await signed_in(request, backend, reader, RedirectResponse(wanted, 303))
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
    return response


def _sign_on(backend: Backend) -> SingleSignOn:
    if backend.sign_on is None:
        raise not_found("There is no single sign-on here. Sign in with a token.")
    return backend.sign_on


def _departure(backend: Backend, cookie: str | None, state: str) -> Departure:
    try:
        departure = unpacked(backend.vault.open((cookie or "").encode()))
    except (SealBroken, ValueError, TypeError) as error:
        raise SignInRefused("This sign-in was not begun in this browser. Begin again.") from error
    check_return(departure, state, utc_now())
    return departure


async def _admitted(backend: Backend, person: Person, sign_on: SingleSignOn) -> Reader:
    """Raises SignInRefused; who is refused is signed out everywhere."""
    try:
        rule = rule_for(person.groups, sign_on.rules)
        async with backend.pool.acquire() as connection, connection.transaction():
            token = await _known(connection, person, rule)
    except SignInRefused:
        await end_sessions_of(backend.pool, person.subject)
        raise
    if token.revoked_at is not None:
        raise SignInRefused("Your access was revoked. Ask an administrator.")
    return await admitted(backend, token)


async def _known(connection: Any, person: Person, rule: GroupRule) -> Token:
    shop_ids = None
    if rule.shops is not None:
        by_domain = {shop.domain: shop.id for shop in await visible_shops(connection, None)}
        shop_ids = [by_domain[domain] for domain in rule.shops if domain in by_domain]
        if not shop_ids:
            raise SignInRefused("None of the shops of your groups are here yet. Ask an administrator.")
    return await put_person(connection, person.subject, person.name, role=rule.role, shop_ids=shop_ids)
