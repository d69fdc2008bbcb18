"""`/me`: who is asking, and the browsers they are signed in with."""

from fastapi import APIRouter, Request, Response

from query_api.backend import ApiReader, BackendOf, backend_of, client_address
from query_api.problems import documented
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.sessions import end_sessions
from query_api.repository.shops import visible_shops
from query_api.repository.tokens import token_by_id
from query_api.routes.freshness import answered_as_of
from query_api.schemas.tokens import MeAnswer, SignedOutAnswer

router = APIRouter(prefix="/me", tags=["access"])


@router.get("", summary="This token", responses=documented(401, 503))
async def get_me(reader: ApiReader, backend: BackendOf, response: Response) -> MeAnswer:
    """What the token of this request allows, for which shops and until when."""
    async with snapshot(backend.pool) as connection:
        token = await token_by_id(connection, reader.token_id)
        shops = await visible_shops(connection, reader.shop_ids)
        as_of = await answered_as_of(connection, response)
    return MeAnswer(
        as_of=as_of,
        id=str(reader.token_id),
        name=reader.name,
        role=reader.role,
        shops=None if reader.shop_ids is None else [shop.domain for shop in shops],
        expires_at=token.expires_at if token else None,
    )


@router.post("/sign-out", summary="Sign out everywhere", responses=documented(401, 503))
async def sign_out_everywhere(reader: ApiReader, request: Request, response: Response) -> SignedOutAnswer:
    """Ends every console session signed in with this token; the token itself stays good."""
    async with backend_of(request).pool.acquire() as connection, connection.transaction():
        ended = await end_sessions(connection, reader.token_id)
        deed = Deed("session.end-all", None, {"sessions": ended}, address=client_address(request))
        await audit(connection, reader, deed)
        as_of = await answered_as_of(connection, response)
    return SignedOutAnswer(as_of=as_of, ended=ended)
