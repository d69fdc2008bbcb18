"""Settings every service has, from the environment; each service adds its own."""

import os
import socket
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CommonSettings(BaseSettings):
    """Names in the environment are the field names in capitals, without a prefix."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    database_url: SecretStr = Field(
        description="Postgres, e.g. postgresql://user:password@host:5432/syncledger"
    )
    rabbitmq_url: SecretStr = Field(
        description="RabbitMQ, e.g. amqp://user:password@host:5672/vhost"
    )
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
    service_instance: str = Field(
        default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}",
        description="names this process among the replicas of its service",
    )
