"""The console as somebody signed in uses it, without a browser."""

import re
from html import unescape

import httpx

from tests.integration.query_api.world import World, client_of

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
Visitor = httpx.AsyncClient
_FORM_TOKENS: dict[str, str] = {}


async def sign_in(client: Visitor, token: str, **fields: str) -> httpx.Response:
    return await client.post("/sign-in", data={"token": token, **fields}, headers=SAME_ORIGIN)


async def text_of(client: Visitor, address: str, status: int = 200) -> str:
    """A page as its reader sees it, tags and spacing aside."""
    answer = await client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return seen(answer)


def seen(answer: httpx.Response) -> str:
    text = re.sub(r"<[^>]*>", " ", answer.text.replace("<wbr>", ""))
    return re.sub(r"[ \n]+", " ", unescape(text))


async def form_token(client: Visitor) -> str:
    """Like a page that stays open: it is read once in a session."""
    session = str(client.cookies)
    if session not in _FORM_TOKENS:
        found = re.search(r'name="form_token" value="([^"]+)"', (await client.get("/")).text)
        assert found is not None
        _FORM_TOKENS[session] = found[1]
    return _FORM_TOKENS[session]


async def submit(client: Visitor, address: str, **fields: str) -> httpx.Response:
    """Sends a form of this session's own pages."""
    data = {"form_token": await form_token(client), **fields}
    return await client.post(address, data=data, headers=SAME_ORIGIN)


async def told(client: Visitor, address: str, **fields: str) -> str:
    """What the page says that a form leads to."""
    answer = await submit(client, address, **fields)
    assert answer.status_code == 303, answer.text
    return await text_of(client, answer.headers["location"])


def visiting(world: World) -> Visitor:
    """Nobody yet: `sign_in` with it."""
    return client_of(world.app)
