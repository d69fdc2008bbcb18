"""Settings of the sandbox, read from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from sandbox.engage.herald import DEFAULT_SECRET
from sandbox.packing.packer import DEFAULT_SECRET as SHIPPER_SECRET
from sandbox.standard.sender import DEFAULT_SECRET as STANDARD_SECRET


class Settings(BaseSettings):
    """Every value can be given as an environment variable of the same name."""

    model_config = SettingsConfigDict(extra="ignore")

    host: str = "127.0.0.1"
    port: int = 8090
    ingest_url: str = "http://127.0.0.1:8081"
    shop_domain: str = "sandbox-outdoor.myshopify.com"
    webhook_secret: str = Field(default="sandbox-webhook-secret", repr=False)
    shopify_access_token: str = Field(default="sandbox-shopify-token", repr=False)
    engage_api_key: str = Field(default="sandbox-engage-key", repr=False)
    engage_webhook_secret: str = Field(default=DEFAULT_SECRET, repr=False)
    woocommerce_shop: str = "sandbox-woo.example"
    woocommerce_secret: str = Field(default="sandbox-woo-secret", repr=False)
    standard_shop: str = "sandbox-standard.example"
    standard_secret: str = Field(default=STANDARD_SECRET, repr=False)
    amazon_client_id: str = "amzn1.application-oa2-client.sandbox"
    amazon_client_secret: str = Field(default="sandbox-amazon-secret", repr=False)
    amazon_refresh_token: str = Field(default="Atzr|sandbox-refresh-token", repr=False)
    amazon_orders: int = Field(default=0, ge=0, description="how many the first seller has at first")
    ebay_client_id: str = "sandbox-ebay-client"
    ebay_client_secret: str = Field(default="sandbox-ebay-secret", repr=False)
    ebay_refresh_token: str = Field(default="v^1.1#sandbox-ebay-refresh-token", repr=False)
    ebay_orders: int = Field(default=0, ge=0, description="how many the first seller has at first")
    sales_every_s: float = Field(
        default=0.0, ge=0, description="how often somebody buys at Amazon or eBay; 0: never by itself"
    )
    shipper_secret: str = Field(default=SHIPPER_SECRET, repr=False)
    packing_every_s: float = Field(
        default=0.0, ge=0, description="how often shipping software reports; 0: when it is told to"
    )
    supplier_products: int = Field(default=100_000, ge=0, description="how many each supplier has at first")
    traffic_rate: float = Field(default=0.0, ge=0, description="deliveries per second; 0 starts no traffic")
    mail_port: int | None = Field(default=None, description="where mail is taken; unset: none is")
    seed: str | None = Field(default=None, description="same seed, same shop; unset: a new one each start")
    retry_scale: float = Field(default=1 / 240, gt=0, description="1 is Shopify's four hours, 1/240 a minute")
    state_file: Path | None = Field(default=None, description="keeps the CRM's content over a restart")
    log_level: str = "info"
