"""Settings of the alerting service, from the environment."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, EmailStr, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from shared.settings import CommonSettings


def _listed(text: object) -> object:
    """Addresses separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


class MailSettings(BaseSettings):
    """The mail server, and in whose name is written."""

    smtp_host: str | None = Field(None, description="the mail server that alerts are handed to")
    smtp_port: int = Field(587, ge=1, le=65_535)
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        "starttls",
        description="none only on this machine; starttls upgrades, tls is encrypted from the start",
    )
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_ca_file: str | None = Field(
        None, description="certificates that vouch for the mail server; the system's unless set"
    )
    smtp_timeout_s: float = Field(20, gt=0, le=55)
    mail_from: str = Field(
        "Syncledger <syncledger@localhost.localdomain>",
        pattern=r"^[^\r\n]*@[^\r\n@]+$",
        description="the sender of alerts",
    )


class AlertingSettings(CommonSettings, MailSettings):
    port: int = 8084
    watch_interval_s: float = Field(15, gt=0, description="how often the queues are looked at")
    alert_interval_s: float = Field(15, gt=0, le=600, description="how often all rules are evaluated")
    alerts_prefetch: int = Field(8, ge=1, description="how many people are told at once by this process")
    public_ingest_url: str | None = Field(
        None, description="where shops reach the ingest: tells which of their subscriptions are ours"
    )
    console_url: str | None = Field(None, description="where people reach the console: mails link to it")
    operator_addresses: Annotated[list[EmailStr], NoDecode, BeforeValidator(_listed)] = Field(
        default=[], description="who is told of the platform's own alerts, separated by commas"
    )
    operator_webhook_url: str | None = Field(None, description="a program that is told of them, too")
    operator_webhook_secret: SecretStr | None = Field(
        None, description="what its messages are signed with (whsec_…)"
    )
    heartbeat_url: SecretStr | None = Field(
        None, description="is asked for each minute as long as alerting works"
    )
