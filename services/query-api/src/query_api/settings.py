"""Settings of the API and console, and the smaller set the administration commands need."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from query_api.oidc_access import GroupRule
from shared.settings import CommonSettings


class QueryApiSettings(CommonSettings):
    requests_per_minute: int = Field(
        1_200, ge=1, description="how often one token may ask; each replica counts for itself"
    )
    event_streams: int = Field(200, ge=1, description="how many clients may listen to events in this process")
    event_streams_per_token: int = Field(10, ge=1, description="how many of them with one token")
    shop_gauges: int = Field(
        200, ge=0, le=2_000, description="how many shops have metrics of their own, the oldest first; 0: none"
    )
    session_hours: int = Field(12, ge=1, le=24 * 30, description="how long a sign-in to the console lasts")
    payload_retention_days: int = Field(30, ge=3, description="as the recorder has it")
    minute_counts_retention_days: int = Field(60, ge=1, description="as the recorder has it")
    console_url: str = Field(
        "", pattern=r"^(https?://[^/?#]+)?$", description="where browsers find the console"
    )
    runbook_url: str = Field(
        "",
        pattern=r"^(https?://[^?#]+)?$",
        description="where people read the runbook: dashboards lead there",
    )
    trace_url_template: str = Field(
        "",
        pattern=r"^(https?://\S*\{trace_id\}\S*)?$",
        description="where traces are looked at, {trace_id} in its place: the page of a task leads there",
    )
    public_ingest_url: str | None = Field(
        None, description="where shops reach the ingest: shown as the addresses of their webhooks"
    )
    oidc_issuer: str = Field("", description="turns single sign-on on: the provider, e.g. https://id.example")
    oidc_client_id: str = Field("", description="how the provider knows this console")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="empty for a public client")
    oidc_scopes: str = "openid profile email"
    oidc_groups_claim: str = Field("groups", description="the claim that names a person's groups")
    oidc_groups: dict[str, GroupRule] = Field(
        default={}, description='what groups give: {"ops": {"role": "operator", "shops": ["one.example"]}}'
    )

    @model_validator(mode="after")
    def _single_sign_on_is_whole(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_groups and self.console_url):
            raise ValueError("OIDC_ISSUER needs OIDC_CLIENT_ID, OIDC_GROUPS and CONSOLE_URL too")
        return self


class AdminSettings(BaseSettings):
    """What commands that only write to the database need; they run without a broker."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    database_url: SecretStr = Field(min_length=1)


class RebuildSettings(AdminSettings):
    minute_counts_retention_days: int = Field(60, ge=1, description="as the recorder has it")


class VaultSettings(AdminSettings):
    """For commands that store secrets."""

    secret_keys: SecretStr = Field(min_length=1)


class BrokerSettings(BaseSettings):
    """For commands that publish."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    rabbitmq_url: SecretStr = Field(min_length=1)
