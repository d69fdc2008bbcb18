"""Settings of the API and console, and the smaller set the administration commands need."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import CommonSettings


class QueryApiSettings(CommonSettings):
    requests_per_minute: int = Field(
        1_200, ge=1, description="how often one token may ask; each replica counts for itself"
    )
    session_hours: int = Field(12, ge=1, le=24 * 30, description="how long a sign-in to the console lasts")


class AdminSettings(BaseSettings):
    """What commands that only write to the database need; they run without a broker."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    database_url: SecretStr = Field(min_length=1)


class RebuildSettings(AdminSettings):
    minute_counts_retention_days: int = Field(60, ge=1, description="as the recorder has it")


class VaultSettings(AdminSettings):
    """For commands that store secrets."""

    secret_keys: SecretStr = Field(min_length=1)
