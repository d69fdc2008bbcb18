"""Privacy topics are taken of every shop: known, let go, or never heard of."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from shared.envelope import decode
from shared.tasks import CATALOGUE, TaskType
from tests.integration.ingest.running import Ingest, Shop, add_shop, ready_ingest, take
from tests.waiting import eventually

APP_SECRET, OLD_APP_SECRET = "of-the-app", "of-the-app-before"
REDACT = (
    b'{"shop_id":954889,"shop_domain":"x","customer":{"id":191167,"email":"kim@example.com"},'
    b'"orders_to_redact":[7]}'
)
TOPICS = {
    "customers/data_request": TaskType.CUSTOMERS_DATA_REQUEST,
    "customers/redact": TaskType.CUSTOMERS_REDACT,
    "shop/redact": TaskType.SHOP_REDACT,
    "app/uninstalled": TaskType.APP_UNINSTALLED,
}


@pytest.fixture
async def ingest(database_url: str, rabbitmq_url: str) -> AsyncIterator[Ingest]:
    secrets = SecretStr(f"{APP_SECRET}, {OLD_APP_SECRET}")
    async with ready_ingest(database_url, rabbitmq_url, shopify_app_secrets=secrets) as running:
        yield running


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("secret", [APP_SECRET, OLD_APP_SECRET])
async def test_a_shop_nobody_knows_is_taken_with_a_secret_of_the_app(
    ingest: Ingest, rabbitmq_url: str, topic: str, secret: str
) -> None:
    stranger = Shop("nobody.myshopify.com", secret)
    answer = await ingest.send(stranger, REDACT, topic)
    assert answer.status_code == 200, answer.text
    lane = CATALOGUE[TOPICS[topic]].lane.value
    [[transition]] = [decode(body) for body in await take(rabbitmq_url, lane, 1)]
    assert (transition.task.type, transition.task.shop_id) == (TOPICS[topic], 0)
    assert transition.task.source_id is None
    assert transition.payload is not None
    assert transition.payload.body == REDACT
    assert transition.payload.headers["x-shopify-shop-domain"] == stranger.domain


async def test_a_shop_that_was_let_go_is_taken_with_its_own_secret_or_the_apps(
    ingest: Ingest, database_url: str
) -> None:
    shop = await add_shop(database_url, is_active=False)
    for secret in (shop.secret, APP_SECRET):
        answer = await ingest.send(Shop(shop.domain, secret), REDACT, "shop/redact")
        assert answer.status_code == 200
    assert (await ingest.send(shop)).status_code == 404


async def test_a_wrong_signature_is_refused_whoever_it_is(ingest: Ingest, database_url: str) -> None:
    known = await add_shop(database_url)
    for domain in (known.domain, "nobody.myshopify.com"):
        assert (await ingest.send(Shop(domain, "guessed"), REDACT, "customers/redact")).status_code == 401


async def test_other_topics_of_a_shop_nobody_knows_stay_refused(ingest: Ingest) -> None:
    assert (await ingest.send(Shop("nobody.myshopify.com", APP_SECRET))).status_code == 404


async def test_without_a_secret_of_the_app_nobody_unknown_is_taken(
    database_url: str, rabbitmq_url: str
) -> None:
    async with ready_ingest(database_url, rabbitmq_url) as ingest:
        answer = await ingest.send(Shop("nobody.myshopify.com", ""), REDACT, "shop/redact")
    assert answer.status_code == 401


async def test_deliveries_of_two_unknown_shops_with_one_id_are_two(ingest: Ingest) -> None:
    answers = [
        await ingest.send(Shop(domain, APP_SECRET), REDACT, "customers/redact", x_shopify_webhook_id="w-1")
        for domain in ("one.myshopify.com", "two.myshopify.com", "one.myshopify.com")
    ]
    assert len({answer.json()["task_id"] for answer in answers}) == 2
    assert [answer.json().get("duplicate") for answer in answers] == [None, None, True]


async def test_no_line_about_it_names_the_person(ingest: Ingest, capsys: pytest.CaptureFixture[str]) -> None:
    await ingest.send(Shop("nobody.myshopify.com", APP_SECRET), REDACT, "customers/redact")
    told = ""

    def is_logged() -> bool:
        nonlocal told
        told += "".join(capsys.readouterr())
        return "customers/redact" in told

    await eventually(is_logged)
    assert "kim@example.com" not in told
    assert "191167" not in told
