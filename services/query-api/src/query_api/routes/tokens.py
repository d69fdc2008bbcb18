"""`/tokens`: who may use the API and the console. For administrators, each for the shops they see."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.auth import Grant, Reader, new_token, state_of
from query_api.backend import Administrator, Backend, BackendOf, backend_of, client_address
from query_api.granting import NotYours, Wanted, grant_of, may_manage
from query_api.problems import Problem, documented, invalid, not_found
from query_api.repository.audit import Deed, audit, only_shop
from query_api.repository.connections import snapshot
from query_api.repository.sessions import end_sessions
from query_api.repository.shops import visible_shops
from query_api.repository.token_list import LATEST, HeldToken, TokenRow, hold_token, tokens_before
from query_api.repository.tokens import revoke, store_token, token_by_id
from query_api.routes.freshness import answered_as_of
from query_api.schemas.tokens import (
    NewTokenAnswer,
    SignedOutAnswer,
    TokenAnswer,
    TokenIn,
    TokenOut,
    TokensAnswer,
)
from shared.envelope import utc_now

router = APIRouter(prefix="/tokens", tags=["access"])

TokenId = Annotated[int, Path(ge=1, le=LATEST - 1, description="The token's id", examples=[1])]


class TokensParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    signed_in: bool = Field(default=False, description="Only those with browsers signed in to the console")
    before: int = Field(default=LATEST, ge=1, le=LATEST, description="`next` of an answer")
    limit: int = Field(default=50, ge=1, le=500)


@router.get("", summary="Tokens", responses=documented(400, 401, 403, 503))
async def list_tokens(
    parameters: Annotated[TokensParameters, Query()],
    reader: Administrator,
    backend: BackendOf,
    response: Response,
) -> TokensAnswer:
    """Tokens, and persons who sign in by OIDC, the newest first: those whose shops this token sees too.
    Needs the role admin."""
    async with snapshot(backend.pool) as connection:
        limit = parameters.limit
        rows = await tokens_before(
            connection,
            reader.shop_ids,
            before=parameters.before,
            limit=limit + 1,
            is_signed_in=parameters.signed_in,
        )
        as_of = await answered_as_of(connection, response)
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return TokensAnswer(as_of=as_of, tokens=[_shown(row) for row in rows[:limit]], next=following)


@router.post("", status_code=201, summary="Make a token", responses=documented(400, 401, 403, 503))
async def create_token(
    wanted: TokenIn, reader: Administrator, request: Request, response: Response
) -> NewTokenAnswer:
    """The answer holds the token itself, this once. It gets no more shops than this token sees, and ends no
    later. Needs the role admin."""
    backend, text = backend_of(request), new_token()
    async with backend.pool.acquire() as connection, connection.transaction():
        grant = await _granted(connection, wanted, reader)
        token_id = await store_token(connection, text, grant)
        await audit(connection, reader, _deed("token.create", token_id, grant, client_address(request)))
    answer = await _answer(backend, reader, token_id, response)
    return NewTokenAnswer(**answer.model_dump(), secret=text)


@router.get("/{token_id}", summary="One token", responses=documented(400, 401, 403, 404, 503))
async def get_token(
    token_id: TokenId, reader: Administrator, backend: BackendOf, response: Response
) -> TokenAnswer:
    """What it allows and when it was used; never the token itself. Needs the role admin."""
    return await _answer(backend, reader, token_id, response)


@router.post("/{token_id}/revoke", summary="Revoke a token", responses=documented(400, 401, 403, 404, 503))
async def revoke_token(
    token_id: TokenId, reader: Administrator, request: Request, response: Response
) -> TokenAnswer:
    """Ends it for good and at once, with every console session signed in with it. A person who is revoked
    can not sign in again. Needs the role admin."""
    backend = backend_of(request)
    async with backend.pool.acquire() as connection, connection.transaction():
        held = await _held(connection, token_id, reader)
        await revoke(connection, token_id)
        await end_sessions(connection, token_id)
        await audit(connection, reader, _deed("token.revoke", token_id, held, client_address(request)))
    return await _answer(backend, reader, token_id, response)


@router.post(
    "/{token_id}/sign-out", summary="Sign out everywhere", responses=documented(400, 401, 403, 404, 503)
)
async def sign_out_token(
    token_id: TokenId, reader: Administrator, request: Request, response: Response
) -> SignedOutAnswer:
    """Ends every console session signed in with the token, or as the person; the token itself stays good.
    Needs the role admin."""
    backend = backend_of(request)
    async with backend.pool.acquire() as connection, connection.transaction():
        held = await _held(connection, token_id, reader)
        ended = await end_sessions(connection, token_id)
        await audit(connection, reader, _deed("session.end-all", token_id, held, client_address(request)))
        as_of = await answered_as_of(connection, response)
    return SignedOutAnswer(as_of=as_of, ended=ended)


async def _granted(connection: Any, wanted: TokenIn, reader: Reader) -> Grant:
    own = await token_by_id(connection, reader.token_id)
    shop_ids = None if wanted.shops is None else await _ids(connection, wanted.shops, reader)
    asked = Wanted(wanted.name, wanted.role, shop_ids, wanted.expires_at)
    try:
        return grant_of(asked, reader, giver_ends_at=own.expires_at if own else None, now=utc_now())
    except NotYours as refusal:
        raise invalid(refusal.field, str(refusal)) from refusal


async def _ids(connection: Any, domains: list[str], reader: Reader) -> list[int]:
    by_domain = {shop.domain: shop.id for shop in await visible_shops(connection, reader.shop_ids)}
    for domain in domains:
        if domain.lower() not in by_domain:
            raise invalid(
                "shops", f"{domain!r} is not a shop this token may see; GET /api/v1/shops lists those."
            )
    return [by_domain[domain.lower()] for domain in domains]


async def _held(connection: Any, token_id: int, reader: Reader) -> HeldToken:
    held = await hold_token(connection, token_id)
    if held is None or not may_manage(reader, held.shop_ids):
        raise _nowhere()
    return held


async def _answer(backend: Backend, reader: Reader, token_id: int, response: Response) -> TokenAnswer:
    async with snapshot(backend.pool) as connection:
        rows = await tokens_before(connection, reader.shop_ids, before=token_id + 1, limit=1)
        as_of = await answered_as_of(connection, response)
    if not rows or rows[0].id != token_id:
        raise _nowhere()
    return TokenAnswer(as_of=as_of, token=_shown(rows[0]))


def _shown(row: TokenRow) -> TokenOut:
    return TokenOut(
        id=str(row.id),
        kind="person" if row.is_person else "token",
        name=row.name,
        prefix=row.prefix,
        role=row.role,
        shops=None if row.shops is None else list(row.shops),
        state=state_of(row.revoked_at, row.expires_at, utc_now()),
        sessions=row.sessions,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def _deed(action: str, token_id: int, token: Grant | HeldToken, address: str | None) -> Deed:
    """In the log of the one shop it is for, if it is for one."""
    shop_ids = token.shop_ids
    detail: dict[str, Any] = {"name": token.name, "shop_ids": shop_ids and list(shop_ids)}
    if isinstance(token, Grant):
        detail |= {"role": token.role, "expires_at": token.expires_at and token.expires_at.isoformat()}
    return Deed(action, only_shop(shop_ids), detail, subject=f"token {token_id}", address=address)


def _nowhere() -> Problem:
    return not_found("There is no such token that this one may manage.")
