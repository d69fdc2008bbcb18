"""The console's pages, read without a script."""

import gzip
import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import httpx
from msgspec.structs import replace

from query_api.auth import Role
from query_api.sessions import COOKIE
from query_api.settings import QueryApiSettings
from shared.envelope import Call, Payload, State, utc_now
from shared.tasks import TaskType
from tests.factories import header, transition
from tests.integration.query_api.shipping import add_account
from tests.integration.query_api.visiting import (
    SAME_ORIGIN,
    Visitor,
    form_token,
    sign_in,
    submit,
    text_of,
    told,
)
from tests.integration.query_api.world import BASE_URL, World, ago, client_of, serving
from tests.integration.recorder.histories import FAILURE, life


async def test_strangers_are_led_to_sign_in_and_back(world: World, shop: int) -> None:
    task = await world.record_task(State.SUCCEEDED, shop_id=shop)
    async with client_of(world.app) as client:
        answer = await client.get("/?state=failed")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2F%3Fstate%3Dfailed")
        assert (await client.get(f"/tasks/{task.id}")).status_code == 303
        assert (await client.get(f"/tasks/{task.id}/payloads/1.0.received")).status_code == 303
        page = await client.get("/sign-in?next=%2F%3Fstate%3Dfailed")
        assert 'name="next" value="/?state=failed"' in page.text
        answer = await sign_in(client, f" {await world.token()} ", next="/?state=failed")
        assert (answer.status_code, answer.headers["location"]) == (303, "/?state=failed")
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in (COOKIE, "HttpOnly", "SameSite=lax", "Max-Age=43200", "Path=/"))
        assert (await client.get("/")).status_code == 200


async def test_a_bad_token_is_refused_with_a_reason(world: World) -> None:
    expired = await world.token(expires_at=ago(days=1))
    async with client_of(world.app) as client:
        for token, reason in (
            ("sl_nonsense", "not known here"),
            (expired, "has expired"),
            ("", "not known here"),
        ):
            answer = await sign_in(client, token)
            assert answer.status_code == 401
            assert reason in answer.text
            assert "set-cookie" not in answer.headers


async def test_sign_in_leads_nowhere_else(world: World) -> None:
    async with client_of(world.app) as client:
        answer = await sign_in(client, await world.token(), next="//evil.example")
        assert answer.headers["location"] == "/"


async def test_the_cookie_is_secure_where_the_console_is(world: World) -> None:
    async with client_of(world.app) as client:
        client.base_url = httpx.URL("https://console.example")
        assert "Secure" in (await sign_in(client, await world.token())).headers["set-cookie"]


async def test_forms_of_other_sites_are_refused(world: World, visitor: Visitor) -> None:
    token = await world.token()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        for path in ("/sign-in", "/sign-out"):
            answer = await visitor.post(path, data={"token": token}, headers=headers)
            assert answer.status_code == 403
    assert (await visitor.get("/")).status_code == 200
    answer = await _sign_out(visitor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert (await visitor.get("/")).status_code == 303


async def test_a_form_without_the_sessions_own_token_is_refused(world: World, visitor: Visitor) -> None:
    async with client_of(world.app) as other:
        await sign_in(other, await world.token())
        theirs = await form_token(other)
    for token in ("", "x", theirs):
        for path in ("/sign-out", "/sign-out-everywhere"):
            answer = await visitor.post(path, data={"form_token": token}, headers=SAME_ORIGIN)
            assert answer.status_code == 403
    assert (await visitor.get("/")).status_code == 200


async def test_a_copied_cookie_is_worth_nothing_after_signing_out(world: World, visitor: Visitor) -> None:
    async with client_of(world.app) as copy:
        copy.cookies.update(visitor.cookies)
        assert (await copy.get("/")).status_code == 200
        await _sign_out(visitor)
        assert (await copy.get("/")).status_code == 303


async def test_signing_out_everywhere_ends_the_tokens_other_sessions_too(world: World) -> None:
    token = await world.token()
    async with client_of(world.app) as here, client_of(world.app) as there, client_of(world.app) as other:
        for client, used in ((here, token), (there, token), (other, await world.token())):
            await sign_in(client, used)
        answer = await _sign_out(here, "/sign-out-everywhere")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert [(await client.get("/")).status_code for client in (here, there, other)] == [303, 303, 200]
    rows = await world.pool.fetch("SELECT action FROM admin.audit_log ORDER BY id")
    actions = [row["action"] for row in rows]
    assert actions == ["session.begin"] * 3 + ["session.end-all"]


async def test_a_session_ends_by_itself(world: World, visitor: Visitor) -> None:
    await world.pool.execute("UPDATE admin.sessions SET expires_at = now()")
    assert (await visitor.get("/")).status_code == 303


async def _sign_out(client: httpx.AsyncClient, path: str = "/sign-out") -> httpx.Response:
    form = {"form_token": await form_token(client)}
    return await client.post(path, data=form, headers={"Origin": BASE_URL})


async def test_revoking_a_token_ends_its_sessions(world: World, visitor: Visitor) -> None:
    await world.pool.execute("UPDATE admin.api_tokens SET revoked_at = now()")
    assert (await visitor.get("/")).status_code == 303


async def test_the_board_shows_counters_summaries_and_tasks(
    world: World, shop: int, visitor: Visitor
) -> None:
    ends = (State.RETRYING, State.FAILED)
    await world.record_task(*ends, shop_id=shop, order_number="#1042", source_id="5523001122334")
    await world.record_task(State.SUCCEEDED, shop_id=shop, type=TaskType.SYNC_ORDER)
    await world.record_task(State.PROCESSING, shop_id=shop)
    await world.say_recorded_until(utc_now())
    text = await text_of(visitor, "/")
    assert "Total jobs today 3" in text
    assert "Succeeded 24 h 1 50% of all that ended" in text
    assert "Failed 24 h 1" in text
    assert "Processing now 1" in text
    assert all(title in text for title in ("Contact sync", "Order sync", "All tasks"))
    assert "SyncContact The CRM does not answer #1042 — 5523001122334" in text
    assert "Failed Retry SyncContact #1042 2 of 6" in text
    assert "Complete up to" in text


async def test_the_board_filters_sorts_and_turns_pages(world: World, shop: int, visitor: Visitor) -> None:
    for n in range(53):
        await world.record_task(
            State.SUCCEEDED, shop_id=shop, order_number=f"#{n}", begins_at=ago(minutes=100 - n)
        )
    page = (await visitor.get("/?state=succeeded&type=SyncContact")).text
    orders = re.findall(r">#(\d+)<", page)
    assert orders == [str(n) for n in range(52, 2, -1)]
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    page = (await visitor.get(unescape(older[1]))).text
    assert re.findall(r">#(\d+)<", page) == ["2", "1", "0"]
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer is not None
    assert re.findall(r">#(\d+)<", (await visitor.get(unescape(newer[1]))).text) == orders
    assert re.findall(r">#(\d+)<", (await visitor.get("/?sort=created")).text)[:2] == ["0", "1"]
    assert "No task matches these filters" in await text_of(visitor, "/?state=failed")


async def test_the_board_is_narrowed_to_a_supplier(world: World, shop: int, visitor: Visitor) -> None:
    """The panel lists what there is; what is asked for and not there is kept in the address."""
    assert "No supplier or other account is connected yet" in await text_of(visitor, "/")
    account = await add_account(world.pool, shop, "supplier", "Gate4cards")
    task = await world.record_task(shop_id=shop, account_id=account)
    await world.record_task(shop_id=shop)
    text = await text_of(visitor, f"/?account={account}")
    assert "Tasks 1" in text
    assert "Supplier · 1 Supplier Gate4cards" in text
    assert "Account: Gate4cards" in text
    box = f'name="account" value="{account}" checked'
    assert box in (await visitor.get(f"/?account={account}")).text
    assert "Gate4cards Dropshipping supplier" in await text_of(visitor, f"/tasks/{task.id}")


async def test_the_board_shows_the_past(world: World, shop: int, visitor: Visitor) -> None:
    task = await world.record_task(State.FAILED, shop_id=shop, begins_at=ago(minutes=30))
    moment = (task.queued_at + timedelta(seconds=1)).isoformat(timespec="seconds").replace("+00:00", "")
    led_on = await visitor.get(f"/?as_of={moment}")
    assert led_on.headers["location"] == f"/?as_of={quote(moment)}%2B00%3A00", "the same to everybody"
    text = await text_of(visitor, led_on.headers["location"])
    assert "The board as it was at" in text
    assert "Queued 1 of 6" in text
    board = (await visitor.get(led_on.headers["location"])).text
    opened = re.search(rf'href="(/tasks/{task.id}\?as_of=[^"]+)"', board)
    assert opened is not None
    was = await text_of(visitor, unescape(opened[1]))
    assert "The task as it was at" in was
    assert "What went wrong" not in was
    assert "What went wrong" in await text_of(visitor, f"/tasks/{task.id}")
    assert "Failed 24 h before 0 nothing to look at" in text
    led_on = await visitor.get("/?minutes=-20&state=failed")
    text = await text_of(visitor, led_on.headers["location"])
    assert "Tasks as they were 1" in text
    assert "Failed 24 h before 1 100% of all that ended" in text
    assert "Processing then 0 0 waited" in text
    assert "10 minutes later" in text
    assert "There were no tasks yet then" in await text_of(visitor, "/?as_of=2020-01-01T00:00:00Z")
    assert (await visitor.get("/?minutes=0&state=failed")).headers["location"] == "/?state=failed"
    await text_of(visitor, "/?minutes=soon", 400)


async def test_empty_boards_say_what_to_do(world: World) -> None:
    async with client_of(world.app) as client:
        await sign_in(client, await world.token())
        assert "query-api shops add" in await text_of(client, "/")
        await world.add_shop()
        assert "No tasks yet" in await text_of(client, "/")


async def test_the_board_says_when_the_log_is_behind(world: World, shop: int, visitor: Visitor) -> None:
    assert "Nothing has been recorded yet" in await text_of(visitor, "/")
    await world.say_recorded_until(ago(minutes=3), backlog=1_234)
    assert "catching up" in await text_of(visitor, "/")
    assert "1\u202f234 messages wait" in await text_of(visitor, "/")
    await world.pool.execute("UPDATE ledger.recorders SET seen_at = now() - interval '1 minute'")
    assert "No recorder is running" in await text_of(visitor, "/")


async def test_one_task_shows_remedy_timeline_relatives_and_data(
    world: World, shop: int, visitor: Visitor
) -> None:
    parent = await world.record_task(State.SUCCEEDED, shop_id=shop, type=TaskType.ORDER_WEBHOOK)
    task = header(shop_id=shop, type=TaskType.SYNC_ORDER, parent_id=parent.id, order_number="#1042")
    story = life(task, [State.RETRYING, State.FAILED], begins_at=ago(minutes=1))
    body = b'{"total": 12345678901234567890.10, "evil": "<script>alert(1)</script>"}'
    story[0] = replace(story[0], payload=Payload(body=body, topic="orders/create"))
    call = Call(
        api="engage",
        method="POST",
        url="http://crm.example/receipts",
        started_at=utc_now(),
        duration_ms=12,
        status=503,
        response_body=b"\x00\xff",
    )
    detail = replace(story[-1].detail, calls=[call])
    await world.record([*story[:-1], replace(story[-1], detail=detail)])
    await world.record([transition(shop_id=shop, parent_id=task.id, type=TaskType.SYNC_ORDER_NOTIFICATION)])
    text = await text_of(visitor, f"/tasks/{task.id}")
    assert f"What went wrong {FAILURE.message} What to do: {FAILURE.remedy}" in text
    assert "Timeline Queued test" in text
    assert "Next attempt after 1s" in text
    assert re.search(
        "Related tasks OrderWebhook Succeeded SyncOrder Failed SyncOrderNotification Queued", text
    )
    assert "12345678901234567890.10" in text
    assert "POST http://crm.example/receipts 503 12ms" in text
    assert "These bytes are no text." in text
    page = (await visitor.get(f"/tasks/{task.id}")).text
    assert "<script>alert" not in page
    assert f'data-copy="Task: SyncOrder {task.id}\nState: Failed, attempt 2 of 6' in page
    assert f"Remedy: {FAILURE.remedy}" in page
    raw = await visitor.get(f"/tasks/{task.id}/payloads/1.0.received")
    assert (raw.content, raw.headers["content-type"]) == (body, "application/octet-stream")


async def test_a_running_and_a_waiting_task_are_shown(world: World, shop: int, visitor: Visitor) -> None:
    running = await world.record_task(State.PROCESSING, shop_id=shop, begins_at=ago(seconds=67))
    assert re.search(r"Duration 1m [3-9]s", await text_of(visitor, f"/tasks/{running.id}"))
    waiting = await world.record_task(State.RETRYING, shop_id=shop)
    assert "It is tried again by itself" in await text_of(visitor, f"/tasks/{waiting.id}")


async def test_a_task_leads_to_its_trace(settings: QueryApiSettings) -> None:
    """Where traces are looked at, and where this one was sent."""
    async with serving(settings, trace_url_template="https://traces.example/{trace_id}?raw") as world:
        shop_id, trace_id = await world.add_shop(), "0af7651916cd43dd8448eb211c80319c"
        traced = f"00-{trace_id}-b7ad6b7169203331"
        kept, left, without = [
            await world.record_task(shop_id=shop_id, traceparent=traceparent)
            for traceparent in (f"{traced}-01", f"{traced}-00", None)
        ]
        async with client_of(world.app) as client:
            await sign_in(client, await world.token(Role.VIEWER))
            pages = [(await client.get(f"/tasks/{task.id}")).text for task in (kept, left, without)]
    address = f'href="https://traces.example/{trace_id}?raw"'
    assert [address in page for page in pages] == [True, False, False]
    assert [f'data-copy="{trace_id}"' in page for page in pages] == [True, True, False]


async def test_viewers_see_no_data_and_foreigners_nothing(world: World, shop: int, visitor: Visitor) -> None:
    task = await world.record_task(State.FAILED, shop_id=shop)
    other = await world.add_shop("other")
    assert ">busy<" in (await visitor.get(f"/tasks/{task.id}")).text
    async with client_of(world.app) as client:
        await sign_in(client, await world.token(Role.VIEWER))
        page = (await client.get(f"/tasks/{task.id}")).text
        assert "sent is for the roles operator and admin" in page
        assert "The answer is not shown" in page
        assert "busy" not in page
        await text_of(client, f"/tasks/{task.id}/payloads/1.0.received", 403)
    async with client_of(world.app) as client:
        await sign_in(client, await world.token(shop_ids=[other]))
        assert "no such task" in await text_of(client, f"/tasks/{task.id}", 404)
        assert "not a shop this token may see" in await text_of(client, "/?shop=one.example", 400)
        assert "No tasks yet" in await text_of(client, "/")


async def test_errors_are_pages(world: World, visitor: Visitor) -> None:
    assert "is not one of" in await text_of(visitor, "/?state=nonsense", 400)
    assert "cursor" in await text_of(visitor, "/?cursor=x", 400)
    assert "Nothing here" in await text_of(visitor, "/nothing", 404)
    await world.pool.close()
    answer = await visitor.get("/")
    assert answer.status_code == 503
    assert '<meta http-equiv="refresh" content="5">' in answer.text


async def test_pages_need_nothing_from_elsewhere_and_nothing_inline(
    world: World, shop: int, visitor: Visitor
) -> None:
    task = await world.record_task(State.FAILED, shop_id=shop)
    for address in ("/", f"/tasks/{task.id}", "/sign-in", "/nothing"):
        answer = await visitor.get(address)
        page = answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r"\s(style|on[a-z]+)=", page)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
        linked = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in linked)
        for asset in (link for link in linked if link.startswith("/static/")):
            answer = await visitor.get(asset)
            assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True)
    assert (await visitor.get("/static/older/console.css")).status_code == 404


async def test_a_full_first_page_with_all_it_loads_is_light(
    world: World, shop: int, visitor: Visitor
) -> None:
    for _ in range(50):
        await world.record_task(State.FAILED, shop_id=shop, order_number="#1042", source_id="5523001122334")
    page = (await visitor.get("/")).text
    linked = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    contents = [page.encode(), *[(await visitor.get(link)).content for link in linked]]
    assert sum(len(gzip.compress(one)) for one in contents) < 100_000


async def test_boards_are_kept_under_a_name_by_each_for_themselves(
    world: World, shop: int, visitor: Visitor
) -> None:
    assert "Kept as “My failures”." in await told(
        visitor, "/views", name="My failures", filter="state=failed"
    )
    await submit(visitor, "/views", name="My failures", filter="state=failed&sort=type")
    page = (await visitor.get("/")).text
    assert 'href="/?state=failed&amp;sort=type"' in page
    view_id = re.search(r"/views/(\d+)/delete", page)
    assert view_id is not None
    async with client_of(world.app) as other:
        await sign_in(other, await world.token())
        assert "My failures" not in await text_of(other, "/")
        assert "no such view" in await told(other, view_id[0])
    assert "no longer kept" in await told(visitor, view_id[0])
    assert "My failures" not in await text_of(visitor, "/")
