"""The list of shipments: filtered, sorted by any column, walked both ways, and how its orders stand."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from query_api.auth import Role
from query_api.shipment_query import SORTS
from tests.integration.query_api.shipping import NOON, add_account, add_shipment
from tests.integration.query_api.world import Api, World

FAILED: dict[str, Any] = {
    "state": "failed",
    "error_count": 5,
    "error_kind": "validation",
    "error_message": "Invalid tracking number",
    "last_attempt_at": NOON + timedelta(hours=2),
}
SYNCED: dict[str, Any] = {
    "state": "synced",
    "told_version": 1,
    "synced_at": NOON + timedelta(hours=1),
    "last_attempt_at": NOON + timedelta(hours=1),
}


@pytest.fixture
async def amazon(world: World, shop: int) -> int:
    return await add_account(world.pool, shop)


async def listed(api: Api, **parameters: Any) -> list[str]:
    return [one["id"] for one in (await api.get("/shipments", **parameters))["shipments"]]


async def walk(
    api: Api, path: str, key: str, way: str = "next", *, page: dict[str, Any] | None = None, **parameters: Any
) -> list[dict[str, Any]]:
    """All pages by `next`, or from a page back by `previous`."""
    pages = [page or await api.get(path, **parameters)]
    while pages[-1][way]:
        pages.append(await api.get(path, cursor=pages[-1][way], **parameters))
    return pages


def rows_of(pages: Sequence[dict[str, Any]], key: str = "shipments") -> list[Any]:
    return [row for page in pages for row in page[key]]


async def test_a_shipment_shows_all_that_a_grid_needs(world: World, amazon: int, api: Api) -> None:
    await add_shipment(world.pool, amazon, **FAILED)
    (shown,) = (await api.get("/shipments"))["shipments"]
    wanted = {
        "shop": "one.example",
        "account": "Amazon EU",
        "account_kind": "amazon",
        "order_number": "#1001",
        "shipment_id": "S-1",
        "carrier": "PostNord",
        "service": "MyPack",
        "tracking_numbers": ["UA000000001SE"],
        "quantity": 2,
        "state": "failed",
        "status": "Failed",
        "error_count": 5,
        "last_attempt_at": "2026-11-20T14:00:00Z",
        "synced_at": None,
    }
    assert wanted.items() <= shown.items()


@pytest.mark.parametrize(
    ("words", "statuses"),
    [
        (["failed"], {"Failed"}),
        (["pending"], {"Fulfillment Pending"}),
        (["success"], {"Prepared"}),
        (["SYNCED", "voided"], {"Prepared", "Voided"}),
        ([], {"Failed", "Fulfillment Pending", "Prepared", "Voided"}),
    ],
)
async def test_states_filter_under_their_names_and_alias(
    world: World, amazon: int, api: Api, words: list[str], statuses: set[str]
) -> None:
    for number, facts in enumerate(({}, FAILED, SYNCED, {"state": "voided", "is_void": True})):
        await add_shipment(world.pool, amazon, number, **facts)
    shown = (await api.get("/shipments", state=words))["shipments"]
    assert sorted(one["status"] for one in shown) == sorted(statuses)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"order_number": "#1002"}, [2]),
        ({"order_number": " 1002"}, [2]),
        ({"order_number": "1002", "state": "failed"}, []),
        ({"shipment_id": "S-3"}, [3]),
        ({"tracking_number": "UA000000001SE"}, [1]),
        ({"tracking_number": "EXTRA", "shipment_id": "S-3"}, [3]),
        ({"tracking_number": "EXTRA", "shipment_id": "S-1"}, []),
        ({"created_from": "2026-11-20T12:02:00Z"}, [3, 2]),
        ({"created_to": "2026-11-20T13:02:00 01:00"}, [1]),
        ({"created_from": "2026-11-20T12:02:00Z", "sort": "carrier"}, [2, 3]),
        ({"last_attempt_from": "2026-11-20T13:30:00Z"}, [1]),
        ({"last_attempt_to": "2026-11-20T13:30:00Z"}, [3]),
        ({"account_id": "999999"}, []),
    ],
    ids=str,
)
async def test_numbers_and_dates_filter(
    world: World, amazon: int, api: Api, filters: dict[str, str], found: list[int]
) -> None:
    ids = {
        1: await add_shipment(world.pool, amazon, 1, **FAILED),
        2: await add_shipment(world.pool, amazon, 2),
        3: await add_shipment(world.pool, amazon, 3, **SYNCED, tracking_numbers=["T3", "EXTRA"]),
    }
    assert await listed(api, **filters) == [str(ids[number]) for number in found]


async def test_accounts_and_shops_filter(world: World, amazon: int, api: Api) -> None:
    ebay = await add_account(world.pool, 1, "ebay", "eBay")
    other = await add_account(world.pool, await world.add_shop("two"), "shopify", "two")
    ids = [str(await add_shipment(world.pool, one, n)) for n, one in enumerate((amazon, ebay, other))]
    assert await listed(api, sort="created") == ids
    assert await listed(api, account_id=str(ebay)) == [ids[1]]
    assert await listed(api, account_id=[str(amazon), str(other)], sort="created") == [ids[0], ids[2]]
    assert await listed(api, shop="one.example", sort="created") == ids[:2]


Column = Callable[[dict[str, Any]], Any]
COLUMNS: dict[str, Column] = {
    "created": lambda row: row["created_at"],
    "order_number": lambda row: row["order_number"] or "",
    "account": lambda row: (row["account"].casefold(), int(row["account_id"])),
    "carrier": lambda row: row["carrier"],
    "state": lambda row: row["state"],
    "quantity": lambda row: row["quantity"],
    "last_attempt": lambda row: row["last_attempt_at"] or "",
    "error_count": lambda row: row["error_count"],
    "synced_at": lambda row: row["synced_at"] or "",
}


async def any_shipment(world: World, accounts: Sequence[int], number: int, chance: random.Random) -> UUID:
    """With few values in each column, so that many rows share them."""
    moments = (None, NOON, NOON + timedelta(minutes=1))
    return await add_shipment(
        world.pool,
        chance.choice(accounts),
        number,
        order_number=chance.choice((None, "1", "2")),
        carrier=chance.choice(("DHL", "PostNord")),
        quantity=chance.choice((1, 2)),
        state=chance.choice(("pending", "failed", "synced", "voided")),
        created_at=NOON + timedelta(minutes=chance.randrange(4)),
        last_attempt_at=chance.choice(moments),
        synced_at=chance.choice(moments),
        error_count=chance.randrange(3),
    )


@pytest.mark.parametrize("sort", SORTS)
async def test_a_walk_either_way_meets_every_shipment_once_whatever_is_added(
    world: World, amazon: int, api: Api, sort: str
) -> None:
    chance = random.Random(sort)
    accounts = [
        amazon,
        await add_account(world.pool, 1, "ebay", "ebay"),
        await add_account(world.pool, 1, "shopify", "Amazon EU"),
    ]
    before = {str(await any_shipment(world, accounts, number, chance)) for number in range(30)}
    filters = {"sort": sort, "limit": 4} | chance.choice(({}, {"state": ["failed", "synced", "pending"]}))
    if "state" in filters:
        before = {one["id"] for one in (await api.get("/shipments", **filters | {"limit": 500}))["shipments"]}
    way_out = [await api.get("/shipments", **filters)]
    while way_out[-1]["next"]:
        await any_shipment(world, accounts, 100 + len(way_out), chance)
        way_out.append(await api.get("/shipments", cursor=way_out[-1]["next"], **filters))
    _check_walk(rows_of(way_out), before, sort)
    back = [way_out[-1]]
    while back[-1]["previous"]:
        await any_shipment(world, accounts, 200 + len(back), chance)
        back.append(await api.get("/shipments", cursor=back[-1]["previous"], **filters))
    _check_walk(rows_of(back[::-1]), before, sort)


def _check_walk(rows: Sequence[dict[str, Any]], before: set[str], sort: str) -> None:
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids)
    assert before <= set(ids)
    column = COLUMNS[sort.removeprefix("-")]
    values = [(column(row), row["id"]) for row in rows]
    assert values == sorted(values, reverse=sort.startswith("-"))


async def test_pages_back_are_the_pages_forth(world: World, amazon: int, api: Api) -> None:
    for number in range(7):
        await add_shipment(world.pool, amazon, number)
    forth = [await api.get("/shipments", limit=3)]
    while forth[-1]["next"]:
        forth.append(await api.get("/shipments", limit=3, cursor=forth[-1]["next"]))
    back = [forth[-1]]
    while back[-1]["previous"]:
        back.append(await api.get("/shipments", limit=3, cursor=back[-1]["previous"]))
    assert [page["shipments"] for page in back[::-1]] == [page["shipments"] for page in forth]
    assert [len(page["shipments"]) for page in forth] == [3, 3, 1]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"state": "done"}, "state"),
        ({"sort": "price"}, "sort"),
        ({"limit": 501}, "limit"),
        ({"cursor": "xyz"}, "cursor"),
        ({"account_id": "one"}, "account_id"),
        ({"shop": "nobody.example"}, "shop"),
        ({"order_number": ""}, "order_number"),
        ({"order_number": "a\0b"}, "order_number"),
        ({"created_from": "yesterday"}, "created_from"),
        ({"created_to": "9999-12-31T23:59:59-01:00"}, "created_to"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
async def test_what_can_not_be_asked_is_named(api: Api, parameters: dict[str, Any], field: str) -> None:
    problem = await api.problem("/shipments", **parameters)
    assert (problem["status"], [error["field"] for error in problem["errors"]]) == (400, [field])


async def test_a_cursor_belongs_to_its_list(world: World, amazon: int, api: Api) -> None:
    for number in range(3):
        await add_shipment(world.pool, amazon, number)
    cursor = (await api.get("/shipments", limit=1))["next"]
    assert (await api.problem("/shipments", cursor=cursor, sort="created"))["status"] == 400
    assert (await api.problem("/orders", cursor=cursor))["status"] == 400
    assert (await api.problem("/tasks", cursor=cursor))["status"] == 400


async def test_every_answer_says_how_current_it_is(world: World, amazon: int, api: Api) -> None:
    await world.say_recorded_until(NOON)
    shipment = await add_shipment(world.pool, amazon)
    for path in ("/shipments", f"/shipments/{shipment}", "/orders"):
        assert (await api.get(path))["as_of"] == "2026-11-20T12:00:00Z"
        assert "as-of" in (await api.client.get(f"/api/v1{path}")).headers
    assert "as-of" in (await api.client.get("/api/v1/shipments.csv")).headers


@pytest.mark.parametrize("role", list(Role))
async def test_nobody_learns_of_other_shops_shipments(world: World, amazon: int, role: Role) -> None:
    theirs = await add_account(world.pool, await world.add_shop("two"), "ebay", "Theirs")
    mine, other = await add_shipment(world.pool, amazon), await add_shipment(world.pool, theirs)
    async with world.reader(role, shop_ids=[1]) as reader:
        assert await listed(reader) == [str(mine)]
        assert await listed(reader, account_id=str(theirs)) == await listed(reader, account_id="777")
        assert [order["account"] for order in (await reader.get("/orders"))["orders"]] == ["Amazon EU"]
        assert (await reader.get(f"/shipments/{mine}"))["shipment"]["id"] == str(mine)
        unknown = UUID(int=other.int ^ 1)
        assert await reader.problem(f"/shipments/{other}") == await reader.problem(f"/shipments/{unknown}")
        file = (await reader.client.get("/api/v1/shipments.csv")).text
        assert str(mine) in file
        assert str(other) not in file
