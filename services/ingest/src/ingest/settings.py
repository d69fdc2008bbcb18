"""Settings of the ingest service."""

from pydantic import Field, SecretStr

from shared.settings import CommonSettings


class IngestSettings(CommonSettings):
    """A sender waits five seconds at most: look-up, publishing and spooling together stay below that."""

    port: int = 8081
    max_body_bytes: int = Field(5 * 1024 * 1024, gt=0)
    body_timeout_s: float = Field(10, gt=0, description="how long a sender may take to send a body")
    publish_timeout_s: float = Field(1.5, gt=0, description="after this the broker counts as away")
    spool_timeout_s: float = Field(1.5, gt=0, description="after this the database counts as away")
    lookup_timeout_s: float = Field(1, gt=0, description="for a shop this process has not seen yet")
    shop_refresh_s: float = Field(2, gt=0, description="how often changed shops are fetched")
    relay_interval_s: float = Field(1, gt=0, description="how often an empty spool is looked at")
    rejection_flush_s: float = Field(5, gt=0, description="how often counted rejections are stored")
    bad_signature_limit: int = Field(
        100, gt=0, description="per client address and window; more are answered 429"
    )
    bad_signature_window_s: float = Field(60, gt=0)
    shopify_app_secrets: SecretStr = Field(
        SecretStr(""),
        description="client secrets of the app, comma separated: for privacy topics of shops nobody knows",
    )
    recent_tasks: int = Field(
        20_000, gt=0, description="how many accepted ids are remembered to name duplicates"
    )

    @property
    def app_secrets(self) -> tuple[bytes, ...]:
        """Any of them is accepted, so that they can be rotated."""
        texts = self.shopify_app_secrets.get_secret_value().split(",")
        return tuple(text.strip().encode() for text in texts if text.strip())
