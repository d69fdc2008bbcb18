"""Administration from the command line, as a person or a script uses it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from query_api.auth import hash_of
from query_api.cli import cli
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import write
from shared.db.pool import open_connection, open_pool
from shared.envelope import State, utc_now
from shared.vault import Vault
from tests.factories import header
from tests.integration.recorder.histories import life
from tests.integration.recorder.ledger import entries

KEYS = Fernet.generate_key().decode()
Run = Callable[..., Result]
SHOP = ("shops", "add", "--domain", "Demo.Example", "--name", "Demo", "--email", "owner@demo.example")
ACCOUNT = ("accounts", "add", "--shop", "demo.example", "--kind", "engage", "--name", "main")
ADDRESS = ("--base-url", "http://crm.example/", "--api-key", "k1")


@pytest.fixture
def run(database_url: str) -> Run:
    environment = {"DATABASE_URL": database_url, "SECRET_KEYS": KEYS}

    def call(*arguments: str, **changes: str | None) -> Result:
        return CliRunner().invoke(cli, arguments, env=environment | changes)

    return call


def _rows(database_url: str, sql: str) -> list[Any]:
    async def fetch() -> list[Any]:
        connection = await open_connection(database_url)
        try:
            return list(await connection.fetch(sql))
        finally:
            await connection.close()

    return asyncio.run(fetch())


def _done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_token_is_printed_once_and_only_its_hash_is_kept(run: Run, database_url: str) -> None:
    _done(run(*SHOP, "--webhook-secret", "s1"))
    before = utc_now()
    token = _done(
        run(
            "tokens",
            "create",
            "--name",
            "ci",
            "--role",
            "operator",
            "--shop",
            "demo.example",
            "--expires-days",
            "3",
        )
    )
    assert token.count("\n") == 1
    (row,) = _rows(database_url, "SELECT * FROM admin.api_tokens")
    assert row["token_hash"] == hash_of(token.strip())
    assert token.strip() not in str(dict(row))
    assert token.startswith(row["prefix"])
    assert (row["role"], row["shop_ids"]) == ("operator", [1])
    assert timedelta(days=3) <= row["expires_at"] - before < timedelta(days=3, minutes=1)


def test_tokens_are_listed_and_revoked(run: Run) -> None:
    token = _done(run("tokens", "create", "--name", "ci", "--role", "viewer")).strip()
    listed = _done(run("tokens", "list"))
    assert all(word in listed for word in ("ci", "viewer", "all", token[:9], "good"))
    assert token not in listed
    _done(run("tokens", "revoke", "1"))
    assert "revoked" in _done(run("tokens", "list"))
    assert run("tokens", "revoke", "9").exit_code == 2


def test_a_shop_is_added_and_brought_up_to_date(run: Run, database_url: str) -> None:
    assert "added" in _done(run(*SHOP, "--webhook-secret", "s1"))
    (first,) = _rows(database_url, "SELECT * FROM store.shops")
    assert "up to date" in _done(run(*SHOP, "--timezone", "Europe/Stockholm", "--webhook-secret", "s2"))
    assert "up to date" in _done(run(*SHOP, "--timezone", "Europe/Stockholm", "--webhook-secret", "s1"))
    (shop,) = _rows(database_url, "SELECT * FROM store.shops")
    vault = Vault(KEYS)
    assert (shop["domain"], shop["timezone"]) == ("demo.example", "Europe/Stockholm")
    assert [vault.open(sealed) for sealed in shop["webhook_secrets"]] == [b"s2", b"s1"]
    assert shop["data_key"] == first["data_key"]
    vault.open_data_key(shop["data_key"])
    listed = _done(run("shops", "list"))
    assert "demo.example" in listed
    assert "s1" not in listed


def test_a_secret_is_rotated_in_and_the_old_one_forgotten(run: Run, database_url: str) -> None:
    _done(run(*SHOP, "--webhook-secret", "s1"))
    rotate = ("shops", "rotate-secret", "--domain", "demo.example")
    assert "accepts 2 secrets" in _done(run(*rotate, "--webhook-secret", "s2"))
    assert "accepts 2 secrets" in _done(run(*rotate, "--webhook-secret", "s1"))
    assert "accepts 1 secret " in _done(run(*rotate, "--webhook-secret", "s3", "--forget-old"))
    (shop,) = _rows(database_url, "SELECT webhook_secrets FROM store.shops")
    assert [Vault(KEYS).open(sealed) for sealed in shop["webhook_secrets"]] == [b"s3"]
    assert run("shops", "rotate-secret", "--domain", "no.example", "--webhook-secret", "s").exit_code == 2


def test_an_account_is_connected_and_its_problem_taken_back(run: Run, database_url: str) -> None:
    _done(run(*SHOP, "--webhook-secret", "s1"))
    settings = ("--setting", "store_external_id=007", "--setting", 'order_statuses={"paid": "Done"}')
    _done(run(*ACCOUNT, *ADDRESS, *settings))
    _rows(database_url, "UPDATE store.accounts SET problem = 'refused' RETURNING id")
    _done(run(*ACCOUNT, "--base-url", "https://crm.example/v2", "--api-key", "k2", *settings))
    (account,) = _rows(database_url, "SELECT * FROM store.accounts")
    assert (account["kind"], account["name"], account["base_url"]) == (
        "engage",
        "main",
        "https://crm.example/v2",
    )
    assert account["problem"] is None
    assert account["settings"] == {"store_external_id": "007", "order_statuses": {"paid": "Done"}}
    assert orjson.loads(Vault(KEYS).open(account["credentials"])) == {"api_key": "k2"}


NEWER, OLDER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
TRINAVO = ("--settings-file", str(Path(__file__).parents[3] / "docs" / "suppliers" / "trinavo.json"))
KINDS = {
    "engage": (
        (*ADDRESS, "--webhook-secret", NEWER, "--webhook-secret", OLDER),
        {"api_key": "k1", "webhook_secret": [NEWER, OLDER]},
    ),
    "shopify": (("--base-url", "https://demo.example", "--access-token", "t1"), {"access_token": "t1"}),
    "woocommerce": (("--webhook-secret", "a &amp; b"), {"webhook_secret": ["a &amp; b"]}),
    "standard": (("--webhook-secret", NEWER), {"webhook_secret": [NEWER]}),
    "supplier": (
        ("--base-url", "https://s.example", "--token", "a", "--token2", "b", *TRINAVO),
        {"token": "a", "token2": "b"},
    ),
}
SUPPLIER = (*ACCOUNT[:4], "--kind", "supplier", "--name", "G", "--base-url", "http://supplier.example")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_account_has_its_own_secrets(run: Run, database_url: str, kind: str) -> None:
    given, kept = KINDS[kind]
    _done(run(*SHOP, "--webhook-secret", "s1"))
    _done(run("accounts", "add", "--shop", "demo.example", "--kind", kind, "--name", "main", *given))
    (account,) = _rows(database_url, "SELECT * FROM store.accounts")
    assert orjson.loads(Vault(KEYS).open(account["credentials"])) == kept
    assert account["base_url"].startswith("http")


def test_secrets_that_are_not_given_again_stay(run: Run, database_url: str) -> None:
    _done(run(*SHOP, "--webhook-secret", "s1"))
    _done(run(*ACCOUNT, *ADDRESS, "--webhook-secret", NEWER))
    _done(run(*ACCOUNT, "--base-url", "http://crm.example", "--api-key", "k2"))
    (account,) = _rows(database_url, "SELECT * FROM store.accounts")
    credentials = orjson.loads(Vault(KEYS).open(account["credentials"]))
    assert credentials == {"api_key": "k2", "webhook_secret": [NEWER]}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("tokens", "create", "--name", " ", "--role", "admin"), "--name is empty"),
        (
            ("tokens", "create", "--name", "x", "--role", "admin", "--shop", "no.example"),
            "no shop no.example",
        ),
        ((*SHOP[:3], "https://x/", *SHOP[4:], "--webhook-secret", "s"), "is no domain"),
        ((*SHOP[:7], "nobody", "--webhook-secret", "s"), "is no e-mail address"),
        ((*SHOP, "--timezone", "Mars/Base", "--webhook-secret", "s"), "is no IANA time zone"),
        ((*SHOP, "--webhook-secret", " "), "--webhook-secret is empty"),
        ((*ACCOUNT, *ADDRESS), "no shop demo.example"),
        ((*ACCOUNT, "--api-key", "k"), "--base-url is missing"),
        ((*ACCOUNT, "--base-url", "http://crm.example"), "--api-key is missing"),
        ((*ACCOUNT, *ADDRESS, "--webhook-secret", "short"), "24 to 64 bytes in base64"),
        ((*ACCOUNT, *ADDRESS, "--access-token", "t"), "--access-token is no credential of this kind"),
        ((*ACCOUNT[:5], "telex", *ACCOUNT[6:]), "--kind 'telex' is not one of engage"),
        ((*SUPPLIER, *TRINAVO, "--token", "t"), "--token2 is missing: the format's headers carry it"),
        ((*SUPPLIER, *TRINAVO, "--token", "t", "--setting", "format={}"), "--setting format.auth is missing"),
        ((*SUPPLIER, *TRINAVO, "--token", "t", "--setting", "auto=true"), "--setting auto is no setting"),
        ((*SUPPLIER, "--settings-file", "none.json", "--token", "t"), "--settings-file none.json: "),
        ((*ACCOUNT, "--base-url", "crm.example", "--api-key", "k"), "is no address"),
        ((*ACCOUNT, *ADDRESS, "--setting", "novalue"), "is not KEY=VALUE"),
        ((*ACCOUNT, *ADDRESS, "--setting", "a={"), "begins like JSON"),
    ],
    ids=str,
)
def test_mistakes_are_sentences(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert (result.stdout, "Traceback" in result.stderr) == ("", False)


def test_a_missing_environment_is_named(run: Run) -> None:
    for changes, name in (({"DATABASE_URL": ""}, "DATABASE_URL"), ({"SECRET_KEYS": ""}, "SECRET_KEYS")):
        result = run(*SHOP, "--webhook-secret", "s", **changes)
        assert result.exit_code == 2
        assert name in result.stderr
    result = run(*SHOP, "--webhook-secret", "s", SECRET_KEYS="short")
    assert (result.exit_code, "Fernet key" in result.stderr) == (2, True)


def test_a_database_that_is_away_or_empty_is_said_to_be(run: Run, empty_database_url: str) -> None:
    away = "postgresql://user:hidden@127.0.0.1:1/none"
    for arguments in (("tokens", "list"), ("migrate",)):
        result = run(*arguments, DATABASE_URL=away)
        assert result.exit_code == 1
        assert "does not answer" in result.stderr
        assert "hidden" not in result.stderr
    result = run("tokens", "list", DATABASE_URL=empty_database_url)
    assert (result.exit_code, "query-api migrate" in result.stderr) == (1, True)


def test_migrate_and_then_everything_works(run: Run, empty_database_url: str) -> None:
    for _ in range(2):
        assert "revision" in _done(run("migrate", DATABASE_URL=empty_database_url))
    _done(run(*SHOP, "--webhook-secret", "s", DATABASE_URL=empty_database_url))


def test_rebuild_says_what_it_corrected(run: Run, database_url: str) -> None:
    _done(run(*SHOP, "--webhook-secret", "s"))
    asyncio.run(_record_one(database_url))
    assert "everything was as the log says" in _done(run("rebuild"))
    _rows(database_url, "UPDATE ledger.tasks SET note = 'wrong' RETURNING 1")
    assert "Corrected: 1 tasks" in _done(run("rebuild"))


async def _record_one(database_url: str) -> None:
    async with await open_pool(database_url, max_size=1) as pool:
        assert isinstance(pool, asyncpg.Pool)
        await write(pool, ShopKeys(Vault(KEYS)), entries(life(header(), [State.SUCCEEDED])))


SELLER = ("--client-id", "c", "--client-secret", "s", "--refresh-token", "r")


def test_a_seller_is_connected_and_entering_its_credentials_again_ends_its_hold(
    run: Run, database_url: str
) -> None:
    _done(run(*SHOP, "--webhook-secret", "s"))
    add = ("accounts", "add", "--shop", "demo.example", "--kind", "amazon", "--name", "EU", *SELLER)
    place = ("--base-url", "https://amazon.example", "--setting", 'marketplace_ids=["A1PA6795UKMFR9"]')
    _done(run(*add, *place))
    (row,) = _rows(database_url, "SELECT kind, credentials FROM store.accounts")
    opened = orjson.loads(Vault(KEYS).open(row["credentials"]))
    assert (row["kind"], opened) == (
        "amazon",
        {"client_id": "c", "client_secret": "s", "refresh_token": "r"},
    )
    hold = "INSERT INTO store.throttles SELECT id, now() + interval '1 day', 'r', true FROM store.accounts"
    _rows(database_url, hold)
    _done(run(*add, *place))
    assert _rows(database_url, "SELECT * FROM store.throttles") == []
    wrong = run(*add, "--base-url", "https://amazon.example")
    assert (wrong.exit_code, "--setting marketplace_ids is missing" in wrong.stderr) == (2, True)


def test_shipping_software_is_connected_by_its_secret_alone(run: Run, database_url: str) -> None:
    _done(run(*SHOP, "--webhook-secret", "s"))
    shipper = ("accounts", "add", "--shop", "demo.example", "--kind", "shipper", "--name", "Packing table")
    _done(run(*shipper, "--webhook-secret", "whsec_" + "A" * 32))
    (row,) = _rows(database_url, "SELECT kind, base_url FROM store.accounts")
    assert tuple(row) == ("shipper", "https://demo.example")


def test_what_commands_change_is_in_the_audit_log(run: Run, database_url: str) -> None:
    _done(run(*SHOP, "--webhook-secret", "s1"))
    _done(run("shops", "rotate-secret", "--domain", "demo.example", "--webhook-secret", "s2"))
    _done(run(*ACCOUNT, *ADDRESS))
    _done(run("tokens", "create", "--name", "ci", "--role", "viewer"))
    _done(run("tokens", "revoke", "1"))
    _done(run("rebuild"))
    noted = _rows(database_url, "SELECT actor, action, subject, detail FROM admin.audit_log ORDER BY id")
    assert [row["action"] for row in noted] == [
        *("shop.put", "shop.rotate-secret", "account.put", "token.create", "token.revoke", "log.rebuild"),
    ]
    assert {row["actor"] for row in noted} == {"command line"}
    assert not any(secret in str(row["detail"]) for row in noted for secret in ("s1", "s2", "k1"))
