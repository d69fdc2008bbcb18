"""Settings every service has, from the environment; each service adds its own."""

import os
import socket
import sys
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.vault import Vault


class CommonSettings(BaseSettings):
    """Names in the environment are the field names in capitals, without a prefix."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    database_url: SecretStr = Field(
        description="Postgres, e.g. postgresql://user:password@host:5432/syncledger"
    )
    rabbitmq_url: SecretStr = Field(description="RabbitMQ, e.g. amqp://user:password@host:5672/vhost")
    secret_keys: SecretStr = Field(
        description="Fernet keys that protect credentials, comma separated, newest first"
    )
    host: str = "127.0.0.1"
    port: int = 8080
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    database_pool_size: int = Field(10, ge=1, le=100)
    drain_timeout_s: float = Field(
        25, gt=0, description="how long running tasks may take to finish on SIGTERM"
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="OTLP over HTTP, e.g. http://collector:4318; no traces without it"
    )
    otel_traces_sampler_arg: float = Field(1, ge=0, le=1, description="the part of traces that is kept")
    service_instance: str = Field(
        default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}",
        description="names this process among the replicas of its service",
    )


Settings = TypeVar("Settings", bound=CommonSettings)


def load_settings(kind: type[Settings]) -> Settings:
    """Reads the environment; ends the process with a sentence for each variable that is missing or wrong."""
    try:
        settings = kind()
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            variable = "_".join(str(part) for part in problem["loc"]).upper()
            description = _description(kind, str(problem["loc"][0]) if problem["loc"] else "")
            sys.stderr.write(f"{variable}: {problem['msg']}{description}\n")
        raise SystemExit(2) from None
    try:
        Vault(settings.secret_keys.get_secret_value())
    except ValueError:
        sys.stderr.write(
            "SECRET_KEYS: holds something that is no Fernet key, or none; separate keys by commas\n"
        )
        raise SystemExit(2) from None
    return settings


def _description(kind: type[BaseSettings], name: str) -> str:
    field = kind.model_fields.get(name)
    return f" ({field.description})" if field is not None and field.description else ""
