"""The demo shop, its CRM account and an API token, made through the product's own command line."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable

from devstack.data import Secrets
from devstack.workspace import ROOT

DOMAIN = "demo-outdoor.myshopify.com"
_STORE_ID = "ecom"  # the one the sandbox's CRM starts with
_TOKEN_NAME = "local stack"  # noqa: S105  a name, not the token
_UNAUTHORISED = 401
_SUPPLIERS = ("gate4cards", "trinavo")
_SUPPLIER_TOKEN = "sandbox-supplier-token"  # noqa: S105  the sandbox's own, on this machine only
_SUPPLIER_OPTIONS = ("auto_publish_order", "auto_update_order_status", "auto_update_product_data")
_AMAZON = ("amzn1.application-oa2-client.sandbox", "sandbox-amazon-secret", "Atzr|sandbox-refresh-token")
_SWEDEN = "A2NODRKZP88ZB9"
_EBAY = ("sandbox-ebay-client", "sandbox-ebay-secret", "v^1.1#sandbox-ebay-refresh-token")
_GERMANY = 77
_READINGS = ("FetchMarketplaceOrders", "FetchMarketplaceProducts")
RunCli = Callable[..., str]


def create_shop(cli: RunCli, *, webhook_secret: str) -> None:
    """Makes the demo shop; saying the same again changes nothing."""
    cli(
        *(
            "shops",
            "add",
            "--domain",
            DOMAIN,
            "--name",
            "Demo Outdoor",
            "--email",
            "owner@demo-outdoor.example",
        ),
        *("--timezone", "Europe/Stockholm", "--webhook-secret", webhook_secret),
    )


def create_accounts(cli: RunCli, known: Secrets, *, sandbox_url: str, works_by_itself: bool) -> None:
    """Connects the demo shop to everything the sandbox plays. What does not work by itself is told to."""
    create_account(
        cli,
        engage_url=f"{sandbox_url}/engage",
        api_key=known.engage_api_key,
        webhook_secret=known.engage_webhook_secret,
    )
    create_shopify_account(cli, sandbox_url=sandbox_url, access_token=known.shopify_access_token)
    create_suppliers(cli, sandbox_url=sandbox_url, works_by_itself=works_by_itself)
    create_amazon_account(cli, sandbox_url=sandbox_url, works_by_itself=works_by_itself)
    create_ebay_account(cli, sandbox_url=sandbox_url, works_by_itself=works_by_itself)
    create_sender(cli, kind="woocommerce", name="WooCommerce – demo", webhook_secret=known.woocommerce_secret)
    create_sender(cli, kind="standard", name="Till – demo", webhook_secret=known.standard_secret)
    create_sender(cli, kind="shipper", name="Packing – demo", webhook_secret=known.shipper_secret)


def create_account(cli: RunCli, *, engage_url: str, api_key: str, webhook_secret: str) -> None:
    """Connects the demo shop to the sandbox's CRM; saying it again updates address and secrets."""
    cli(
        *("accounts", "add", "--shop", DOMAIN, "--kind", "engage", "--name", "Engage – demo"),
        *("--base-url", engage_url, "--api-key", api_key, "--webhook-secret", webhook_secret),
        *("--setting", f"store_external_id={_STORE_ID}"),
    )


def create_sender(cli: RunCli, *, kind: str, name: str, webhook_secret: str) -> None:
    """Lets another kind of sender deliver for the demo shop; saying it again updates the secret."""
    cli(
        *("accounts", "add", "--shop", DOMAIN, "--kind", kind, "--name", name),
        *("--webhook-secret", webhook_secret),
    )


def create_shopify_account(cli: RunCli, *, sandbox_url: str, access_token: str) -> None:
    """Connects the demo shop to its own Admin API; saying it again updates address and token."""
    cli(
        *("accounts", "add", "--shop", DOMAIN, "--kind", "shopify", "--name", "Shopify – demo"),
        *("--base-url", f"{sandbox_url}/shopify/{DOMAIN}", "--access-token", access_token),
    )


def create_suppliers(cli: RunCli, *, sandbox_url: str, works_by_itself: bool) -> None:
    """Connects the demo shop to the sandbox's suppliers; saying it again updates their settings."""
    by_hand = () if works_by_itself else tuple(f"{option}=false" for option in _SUPPLIER_OPTIONS)
    for name in _SUPPLIERS:
        cli(
            *("accounts", "add", "--shop", DOMAIN, "--kind", "supplier"),
            *("--name", f"{name.capitalize()} – demo", "--base-url", f"{sandbox_url}/supplier/{name}"),
            *("--token", _SUPPLIER_TOKEN, "--token2", f"{_SUPPLIER_TOKEN}-2"),
            *("--settings-file", str(ROOT / "docs" / "suppliers" / f"{name}.json")),
            *(part for option in by_hand for part in ("--setting", option)),
        )


def create_amazon_account(cli: RunCli, *, sandbox_url: str, works_by_itself: bool) -> None:
    """Connects the demo shop to the sandbox's first seller at Amazon; saying it again updates everything."""
    client_id, client_secret, refresh_token = _AMAZON
    schedules = {} if works_by_itself else dict.fromkeys(_READINGS, 0)
    cli(
        *("accounts", "add", "--shop", DOMAIN, "--kind", "amazon", "--name", "Amazon – demo"),
        *("--base-url", f"{sandbox_url}/amazon", "--client-id", client_id, "--client-secret", client_secret),
        *("--refresh-token", refresh_token, "--setting", f'marketplace_ids=["{_SWEDEN}"]'),
        *("--setting", f"auth_url={sandbox_url}/amazon-login/auth/o2/token"),
        *("--setting", f"schedules={json.dumps(schedules)}"),
    )


def create_ebay_account(cli: RunCli, *, sandbox_url: str, works_by_itself: bool) -> None:
    """Connects the demo shop to the sandbox's first seller at eBay; saying it again updates everything."""
    client_id, client_secret, refresh_token = _EBAY
    schedules = {} if works_by_itself else dict.fromkeys(_READINGS, 0)
    cli(
        *("accounts", "add", "--shop", DOMAIN, "--kind", "ebay", "--name", "eBay – demo"),
        *("--base-url", f"{sandbox_url}/ebay", "--client-id", client_id, "--client-secret", client_secret),
        *("--refresh-token", refresh_token, "--setting", f"site_id={_GERMANY}"),
        *("--setting", f"schedules={json.dumps(schedules)}"),
    )


def create_token(cli: RunCli) -> str:
    """A new API token of an administrator."""
    return cli("tokens", "create", "--name", _TOKEN_NAME, "--role", "admin").strip().splitlines()[-1]


def token_is_valid(query_api_url: str, token: str) -> bool:
    """False only when the API refuses it: the database may be another one than the token was made for."""
    request = urllib.request.Request(
        f"{query_api_url}/api/v1/tasks?limit=1", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10):
            return True
    except urllib.error.HTTPError as error:
        return error.code != _UNAUTHORISED
    except OSError:
        return True
