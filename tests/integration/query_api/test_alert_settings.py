"""A shop's administrator chooses what is worth an alert; everybody else may look, without the addresses."""

from typing import Any

import httpx
import pytest

from query_api.auth import Role
from shared.alerts.channels import opened
from shared.alerts.settings import AlertSettings
from tests.integration.query_api.world import Api, World

PATH = "/api/v1/alerts/settings"
OWN = "owner@one.example"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHANNELS = [
    {"kind": "webhook", "name": "pager", "url": "https://pager.example/s3cret", "secret": SECRET},
    {"kind": "slack", "name": "operations", "url": "https://hooks.example/s3cret"},
]


async def put(
    api: Api, settings: dict[str, Any], *, shop: str = "one.example", **more: Any
) -> httpx.Response:
    return await api.client.put(PATH, params={"shop": shop}, json={"settings": settings} | more)


async def get(api: Api, shop: str = "one.example") -> dict[str, Any]:
    found: dict[str, Any] = await api.get("/alerts/settings", shop=shop)
    return found


async def test_a_shop_that_never_said_anything_has_the_defaults(shop: int, api: Api) -> None:
    found = await get(api)
    assert found["settings"] == AlertSettings().model_dump(mode="json")
    assert (found["own_address"], found["updated_at"], found["updated_by"]) == (OWN, None, None)


async def test_settings_hold_as_they_were_put(world: World, shop: int, api: Api) -> None:
    wanted = {
        "silence_minutes": 240,
        "window_opens": "22:00",
        "window_closes": "6:30",
        "extra_addresses": ["it@one.example", "Kim@one.example"],
    }
    answer = await put(api, wanted)
    assert answer.status_code == 200, answer.text
    found = await get(api)
    assert found == answer.json()
    assert found["settings"] == AlertSettings(**wanted).model_dump(mode="json")
    assert (found["settings"]["window_closes"], found["updated_by"]) == ("06:30", "test")
    assert (await put(api, found["settings"])).json()["settings"] == found["settings"]
    left_out = (await put(api, {})).json()
    assert left_out["settings"] == AlertSettings().model_dump(mode="json")


async def test_the_shops_own_address_is_told_once_and_always(world: World, shop: int, api: Api) -> None:
    found = (await put(api, {"extra_addresses": ["OWNER@one.example", "it@one.example"]})).json()
    assert found["settings"]["extra_addresses"] == ["it@one.example"]
    assert found["own_address"] == OWN


async def test_who_changed_what_is_written_down_without_addresses(world: World, shop: int, api: Api) -> None:
    await put(api, {"silence_minutes": 240, "extra_addresses": ["it@one.example"]})
    await put(api, {"silence_minutes": 240, "extra_addresses": ["kim@one.example"], "new_failures": False})
    rows = await world.pool.fetch("SELECT * FROM admin.audit_log ORDER BY id")
    assert [row["detail"] for row in rows] == [
        {"silence_minutes": {"from": 1440, "to": 240}, "extra_addresses": {"added": 1, "removed": 0}},
        {"new_failures": {"from": True, "to": False}, "extra_addresses": {"added": 1, "removed": 1}},
    ]
    assert {(row["actor"], row["action"], row["shop_id"]) for row in rows} == {
        ("test", "alert-settings.change", shop)
    }
    assert {row["address"] for row in rows} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"silence_minutes": 5}, "settings.silence_minutes"),
        ({"silence_minutes": "long"}, "settings.silence_minutes"),
        ({"window_opens": "25:00"}, "settings.window_opens"),
        ({"window_opens": "08:00", "window_closes": "08:01"}, "settings.window_closes"),
        ({"error_rate_percent": 101}, "settings.error_rate_percent"),
        ({"extra_addresses": ["kim@one.example", "nobody"]}, "settings.extra_addresses"),
        ({"extra_addresses": [f"a{n}@one.example" for n in range(21)]}, "settings.extra_addresses"),
        ({"reminder_minutes": 1}, "settings.reminder_minutes"),
        ({"quiet": True}, "settings.quiet"),
    ],
    ids=str,
)
async def test_unusable_settings_are_refused_field_by_field(
    world: World, shop: int, api: Api, wanted: dict[str, Any], field: str
) -> None:
    answer = await put(api, wanted)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"].startswith(field)) == (400, True)
    assert error["message"]
    assert await world.pool.fetchval("SELECT count(*) FROM alerts.settings") == 0


async def test_all_that_is_wrong_is_told_at_once(shop: int, api: Api) -> None:
    answer = await put(api, {"silence_minutes": 5, "error_rate_percent": 0, "red_minutes": None})
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"settings.silence_minutes", "settings.error_rate_percent", "settings.red_minutes"}


async def test_stored_settings_of_another_version_count_as_the_defaults(
    world: World, shop: int, api: Api
) -> None:
    await world.pool.execute(
        "INSERT INTO alerts.settings (shop_id, settings, updated_by) VALUES ($1, $2, 'kim')",
        shop,
        {"of_another_version": 1},
    )
    assert (await get(api))["settings"] == AlertSettings().model_dump(mode="json")
    assert (await put(api, {"silence_minutes": 240})).status_code == 200


async def test_viewers_see_settings_without_addresses(world: World, shop: int, api: Api) -> None:
    await put(api, {"extra_addresses": ["it@one.example"], "silence_minutes": 240})
    async with world.reader(Role.VIEWER) as viewer, world.reader(Role.OPERATOR) as operator:
        found = await get(viewer)
        assert (found["settings"]["silence_minutes"], found["extra_address_count"]) == (240, 1)
        tried = await viewer.client.get("/api/v1/alerts/would-fire", params={"shop": "one.example"})
        suggested = await viewer.client.get("/api/v1/alerts/suggestion", params={"shop": "one.example"})
        for text in (str(found), tried.text, suggested.text):
            assert "it@" not in text
            assert "owner@" not in text
        assert (await get(operator))["settings"]["extra_addresses"] == ["it@one.example"]
        for reader in (viewer, operator):
            assert (await put(reader, {})).status_code == 403
    assert (await get(api))["settings"]["silence_minutes"] == 240


async def test_other_shops_settings_are_not_there(world: World, shop: int) -> None:
    own = await world.add_shop("two")
    async with world.reader(shop_ids=[own]) as stranger:
        assert (await put(stranger, {}, shop="two.example")).status_code == 200
        for answer in (
            await put(stranger, {}),
            await stranger.client.get(PATH, params={"shop": "one.example"}),
        ):
            assert answer.status_code == 400
            assert answer.json()["errors"][0]["field"] == "shop"
    assert await world.pool.fetchval("SELECT shop_id FROM alerts.settings") == own


async def test_channels_are_written_and_never_read(world: World, shop: int, api: Api) -> None:
    answer = await put(api, {}, channels=CHANNELS)
    assert answer.status_code == 200, answer.text
    found = await get(api)
    assert found["channels"] == [
        {"kind": "webhook", "name": "pager", "host": "pager.example", "has_secret": True},
        {"kind": "slack", "name": "operations", "host": "hooks.example", "has_secret": False},
    ]
    named = [{"kind": one["kind"], "name": one["name"]} for one in CHANNELS]
    for kept in ({}, {"channels": named}, {"channels": None}):
        assert (await put(api, {"silence_minutes": 240}, **kept)).json()["channels"] == found["channels"]
        assert _stored(await _row(world, shop), world) == tuple(CHANNELS)
    logged = await world.pool.fetch("SELECT detail FROM admin.audit_log ORDER BY id")
    assert logged[0]["detail"] == {"channels": {"added": ["webhook pager", "slack operations"]}}
    everything = f"{found} {logged} {await _row(world, shop)}"
    assert not any(hidden in everything for hidden in ("s3cret", SECRET))
    assert (await put(api, {}, channels=[])).json()["channels"] == []


async def test_a_channel_that_can_not_be_used_is_named(world: World, shop: int, api: Api) -> None:
    wrong = [CHANNELS[1], CHANNELS[0] | {"url": "http://pager.example/s3cret"}]
    answer = await put(api, {}, channels=wrong)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (400, "channels.1.url")
    assert "https" in error["message"]
    assert "s3cret" not in answer.text


async def test_channels_sealed_with_a_lost_key_are_kept_until_they_are_put_anew(
    world: World, shop: int, api: Api
) -> None:
    await world.pool.execute(
        "INSERT INTO alerts.settings (shop_id, settings, channels, updated_by)"
        " VALUES ($1, '{}', 'lost', 'kim')",
        shop,
    )
    assert (await get(api))["channels"] is None
    assert (await put(api, {})).json()["channels"] is None
    assert (await _row(world, shop))["channels"] == b"lost"
    assert len((await put(api, {}, channels=CHANNELS)).json()["channels"]) == 2


async def test_viewers_do_not_see_where_channels_lead(world: World, shop: int, api: Api) -> None:
    await put(api, {}, channels=CHANNELS)
    async with world.reader(Role.VIEWER) as viewer:
        shown = (await get(viewer))["channels"]
    assert [(one["name"], one["host"]) for one in shown] == [("pager", None), ("operations", None)]


async def _row(world: World, shop: int) -> Any:
    return await world.pool.fetchrow("SELECT * FROM alerts.settings WHERE shop_id = $1", shop)


def _stored(row: Any, world: World) -> tuple[dict[str, Any], ...]:
    return tuple(channel.model_dump() for channel in opened(row["channels"], world.vault))
