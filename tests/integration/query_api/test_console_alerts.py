"""Alerts in the console: what fires, what did, one alert's life, and what people do about it."""

from datetime import timedelta
from uuid import UUID

from query_api.auth import Role
from shared.envelope import utc_now
from tests.integration.query_api.alerting import add_alert, add_notification
from tests.integration.query_api.visiting import (
    SAME_ORIGIN,
    Visitor,
    seen,
    sign_in,
    submit,
    text_of,
    told,
    visiting,
)
from tests.integration.query_api.world import World, ago


async def _history(world: World, alert_id: str) -> list[str]:
    rows = await world.pool.fetch(
        "SELECT event FROM alerts.history WHERE alert_id = $1 ORDER BY id", UUID(alert_id)
    )
    return [row["event"] for row in rows]


async def test_without_alerts_the_page_says_that_all_is_well_or_that_nobody_looks(
    world: World, shop: int, visitor: Visitor
) -> None:
    text = await text_of(visitor, "/alerts")
    assert "All is well" in text
    assert "There has been no alert yet" in text
    assert "The rules have never been gone through" in text
    await world.pool.execute("INSERT INTO alerts.heartbeat VALUES (true, 'a1', now(), 5)")
    assert "never been gone through" not in await text_of(visitor, "/alerts")
    await world.pool.execute("UPDATE alerts.heartbeat SET evaluated_at = now() - interval '1 hour'")
    assert "were last gone through 1 hour ago" in await text_of(visitor, "/alerts")


async def test_what_fires_stands_above_the_history(world: World, shop: int, visitor: Visitor) -> None:
    await add_alert(world, shop, acknowledged_at=utc_now(), acknowledged_by="kim")
    await add_alert(world, None, rule="log-lag", severity="warning", title="The log is behind")
    await add_alert(world, shop, state="pending", fired_at=None, title="Nearly so")
    over = {"state": "resolved", "resolved_at": ago(hours=1), "began_at": ago(hours=3)}
    await add_alert(world, shop, noticed_at=ago(hours=3), title="It was red", **over)
    now, history = (await text_of(visitor, "/alerts")).split("History", 1)
    assert "2 firing , 1 not acknowledged; 1 pending" in now
    assert "Error rate · one.example Acknowledged by kim Critical 30 % of order tasks failed" in now
    assert "Log behind · Platform Warning The log is behind" in now
    assert "Nearly so" in now
    assert "It was red" not in now
    assert "It was red Error rate · one.example Over" in history


async def test_the_history_is_narrowed_by_its_address(world: World, shop: int, visitor: Visitor) -> None:
    two = await world.add_shop("two")
    await add_alert(world, shop, title="Rate of one")
    await add_alert(world, two, title="Silence of two", rule="order-silence", severity="warning")
    over = {"state": "resolved", "resolved_at": ago(days=8)}
    await add_alert(world, shop, title="Long ago", noticed_at=ago(days=9), **over)

    async def history(query: str) -> list[str]:
        text = (await text_of(visitor, f"/alerts?{query}")).split("History", 1)[1]
        return [title for title in ("Rate of one", "Silence of two", "Long ago") if title in text]

    assert await history("") == ["Rate of one", "Silence of two", "Long ago"]
    assert await history("state=resolved") == ["Long ago"]
    assert await history("rule=order-silence&rule=log-lag") == ["Silence of two"]
    assert await history("severity=critical&shop=one.example") == ["Rate of one", "Long ago"]
    assert await history("shop=two.example&state=resolved") == []
    assert "No alert matches these filters" in await text_of(visitor, "/alerts?state=pending")
    led = await visitor.get("/alerts?since=2026-01-02T03:04")
    assert led.headers["location"] == "/alerts?since=2026-01-02T03%3A04%3A00%2B00%3A00"
    for nonsense in ("state=x", "cursor=x", "since=x", "shop=none.example"):
        assert (await visitor.get(f"/alerts?{nonsense}")).status_code == 400


async def test_pages_lead_on_and_back(world: World, shop: int, visitor: Visitor) -> None:
    over = {"state": "resolved", "resolved_at": utc_now()}
    for n in range(27):
        await add_alert(world, shop, title=f"Alert {n}.", noticed_at=ago(minutes=n), **over)
    first = await visitor.get("/alerts?state=resolved")
    older = first.text.split('rel="next" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    second = await text_of(visitor, older)
    assert ("Alert 24." in seen(first), "Alert 25." in seen(first)) == (True, False)
    assert ("Alert 25." in second, "Alert 26." in second, "Alert 24." in second) == (True, True, False)


async def test_one_alert_shows_its_evidence_its_life_and_who_was_told(
    world: World, shop: int, visitor: Visitor
) -> None:
    alert = await add_alert(world, shop, rule="order-silence", began_at=ago(hours=2))
    await add_notification(world, shop, alert, "firing")
    await world.pool.execute(
        "INSERT INTO alerts.history (alert_id, event, at, actor, detail)"
        " VALUES ($1, 'firing', now(), 'alerting', '{}')",
        UUID(alert),
    )
    said = (
        "INSERT INTO alerts.proofs (shop_id, since, asked_at, verdict, words, numbers)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
    )
    lately = (ago(hours=2), ago(hours=1), "missed", "It had 17 orders.", {"made": 17, "missed": 17})
    for row in (lately, (ago(days=3), ago(days=3), "quiet", "It had none.", {})):
        await world.pool.execute(said, shop, *row)
    text = await text_of(visitor, f"/alerts/{alert}")
    assert "12 of 40 tasks failed in the last hour." in text
    assert "What to do: Correct the mapping." in text
    assert "SyncOrder #1042 The CRM answered 422" in text
    assert "Failed 12" in text
    assert "Orders were missed asked 1 hour ago It had 17 orders." in text
    assert "It had none." not in text, "that was another silence"
    assert "owner@one.example mail that it fires sent" in text
    assert "Firing alerting" in text
    page = await visitor.get(f"/alerts/{alert}")
    assert 'href="/?state=failed&amp;shop=one.example"' in page.text
    assert 'id="detail"' in page.text


async def test_acknowledging_is_noted_with_its_words(world: World, shop: int, visitor: Visitor) -> None:
    alert = await add_alert(world, shop)
    text = await told(visitor, f"/alerts/{alert}/acknowledge", note="<b>The CRM is repaired</b>")
    assert "Acknowledged: nobody is reminded" in text
    assert "“<b>The CRM is repaired</b>”" in text
    assert await _history(world, alert) == ["acknowledged"]
    audited = await world.pool.fetchval("SELECT action FROM admin.audit_log ORDER BY id DESC LIMIT 1")
    assert audited == "alert.acknowledge"
    over = await add_alert(world, shop, state="resolved", resolved_at=utc_now())
    assert "nothing left to acknowledge" in await told(visitor, f"/alerts/{over}/acknowledge")


async def test_an_alert_is_muted_for_a_while_or_until_a_moment_of_the_viewers_clock(
    world: World, shop: int, visitor: Visitor
) -> None:
    alert = await add_alert(world, shop)
    assert "Muted: nothing is told" in await told(visitor, f"/alerts/{alert}/mute", minutes="60", note="x")
    visitor.cookies.set("syncledger_zone", "Europe/Stockholm", domain="console.example")
    tomorrow = (utc_now() + timedelta(days=1)).replace(second=0, microsecond=0, tzinfo=None)
    await told(visitor, f"/alerts/{alert}/mute", minutes="60", until=tomorrow.isoformat(timespec="minutes"))
    until = await world.pool.fetchval("SELECT until FROM alerts.mutes")
    assert until.replace(tzinfo=None) in (tomorrow - timedelta(hours=1), tomorrow - timedelta(hours=2))
    assert "Unmuted" in await told(visitor, f"/alerts/{alert}/unmute")
    assert await _history(world, alert) == ["muted", "muted", "unmuted"]


async def test_what_can_not_be_used_is_told_beside_its_field(
    world: World, shop: int, visitor: Visitor
) -> None:
    alert = await add_alert(world, shop)
    for until, words in (("2020-01-01T00:00", "within a year from now"), ("soon", "RFC 3339")):
        answer = await submit(visitor, f"/alerts/{alert}/mute", until=until, note="Kept")
        assert answer.status_code == 422
        assert 'aria-describedby="until-error"' in answer.text
        assert 'value="Kept"' in answer.text
        assert words in seen(answer) or until == "soon"
    assert await world.pool.fetchval("SELECT count(*) FROM alerts.mutes") == 0


async def test_viewers_look_without_addresses_and_strangers_see_nothing(world: World, shop: int) -> None:
    alert = await add_alert(world, shop)
    await add_notification(world, shop, alert, "firing")
    platform = await add_alert(world, None, rule="log-lag", title="The log is behind")
    two = await world.add_shop("two")
    async with visiting(world) as viewer:
        await sign_in(viewer, await world.token(Role.VIEWER))
        text = await text_of(viewer, f"/alerts/{alert}")
        assert "owner@one.example" not in text
        assert "Addresses are shown to the roles operator and admin" in text
        assert "Acknowledge" not in text
        assert (await submit(viewer, f"/alerts/{alert}/acknowledge")).status_code == 403
        assert (await submit(viewer, f"/alerts/{alert}/mute", minutes="5")).status_code == 403
    async with visiting(world) as stranger:
        await sign_in(stranger, await world.token(shop_ids=[two]))
        text = await text_of(stranger, "/alerts")
        assert "30 %" not in text
        assert "The log is behind" not in text
        for one in (alert, platform):
            await text_of(stranger, f"/alerts/{one}", 404)
            assert (await submit(stranger, f"/alerts/{one}/mute", minutes="5")).status_code == 404


async def test_forms_without_the_sessions_own_token_do_nothing(
    world: World, shop: int, visitor: Visitor
) -> None:
    alert = await add_alert(world, shop)
    for deed in ("acknowledge", "mute", "unmute"):
        answer = await visitor.post(f"/alerts/{alert}/{deed}", data={"minutes": "5"}, headers=SAME_ORIGIN)
        assert answer.status_code == 403
    assert await _history(world, alert) == []
