"""The whole local stack while it is up: addresses, environments, and what others may read about it."""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack import demo
from devstack.data import DataDirectory, Secrets, write_json
from devstack.services import INGEST, MAIL, QUERY_API, SANDBOX, Service
from devstack.workspace import program

_SUPPLIER_PRODUCTS = 1_000  # enough to see a run; a real catalogue would keep a laptop busy at each start
_PACKING_EVERY_S = 15
_SALES_EVERY_S = 60
_AMAZON_ORDERS = 5
_EBAY_ORDERS = 5


@dataclass(frozen=True)
class Stack:
    """Everything a process of the stack has to be told."""

    data: DataDirectory
    secrets: Secrets
    ports: Mapping[str, int]
    database_url: str
    rabbitmq_url: str
    traffic_per_s: float

    def address(self, service: Service) -> str:
        return f"http://127.0.0.1:{self.ports[service.name]}"

    def settings(self, service: Service) -> dict[str, str]:
        """The environment variables that make a process this service of this stack."""
        settings = {"HOST": "127.0.0.1", "PORT": str(self.ports[service.name])}
        return settings | (self._sandbox_settings() if service is SANDBOX else self._service_settings())

    def environment(self, service: Service) -> dict[str, str]:
        """Those, in the environment of whoever started the stack."""
        inherited = {"LOG_FORMAT": "console"} | dict(os.environ)
        programs = str(Path(sys.executable).parent)
        path = f"{programs}:{os.environ.get('PATH', os.defpath)}"
        return inherited | {"PATH": path, "PYTHONUNBUFFERED": "1"} | self.settings(service)

    def _service_settings(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "RABBITMQ_URL": self.rabbitmq_url,
            "SECRET_KEYS": ",".join(self.secrets.secret_keys),
            "PUBLIC_INGEST_URL": self.address(INGEST),
            "SHOPIFY_APP_SECRETS": self.secrets.webhook_secret,
            "CONSOLE_URL": self.address(QUERY_API),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.ports[MAIL.name]),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "Syncledger <alerts@syncledger.example>",
            "OPERATOR_ADDRESSES": "operators@syncledger.example",
        }

    def _sandbox_settings(self) -> dict[str, str]:
        return {
            "INGEST_URL": self.address(INGEST),
            "SHOP_DOMAIN": demo.DOMAIN,
            "WEBHOOK_SECRET": self.secrets.webhook_secret,
            "ENGAGE_API_KEY": self.secrets.engage_api_key,
            "ENGAGE_WEBHOOK_SECRET": self.secrets.engage_webhook_secret,
            "WOOCOMMERCE_SHOP": demo.DOMAIN,
            "WOOCOMMERCE_SECRET": self.secrets.woocommerce_secret,
            "STANDARD_SHOP": demo.DOMAIN,
            "STANDARD_SECRET": self.secrets.standard_secret,
            "SHOPIFY_ACCESS_TOKEN": self.secrets.shopify_access_token,
            "SHIPPER_SECRET": self.secrets.shipper_secret,
            "PACKING_EVERY_S": f"{_PACKING_EVERY_S if self.traffic_per_s else 0}",
            "SALES_EVERY_S": f"{_SALES_EVERY_S if self.traffic_per_s else 0}",
            "SUPPLIER_PRODUCTS": str(_SUPPLIER_PRODUCTS),
            "AMAZON_ORDERS": str(_AMAZON_ORDERS),
            "EBAY_ORDERS": str(_EBAY_ORDERS),
            "TRAFFIC_RATE": f"{self.traffic_per_s:g}",
            "MAIL_PORT": str(self.ports[MAIL.name]),
            "STATE_FILE": str(self.data.root / "sandbox.json"),
        }

    def description(self, pids: Mapping[str, int]) -> dict[str, Any]:
        """The content of stack.json."""
        return {
            "ingest_url": self.address(INGEST),
            "query_api_url": self.address(QUERY_API),
            "sandbox_url": self.address(SANDBOX),
            "mail_url": f"{self.address(SANDBOX)}/mail",
            "token": self.secrets.token,
            "demo_shop": {"domain": demo.DOMAIN, "webhook_secret": self.secrets.webhook_secret},
            "database_url": self.database_url,
            "rabbitmq_url": self.rabbitmq_url,
            "pids": dict(pids),
        }


def publish(stack: Stack, pids: Mapping[str, int]) -> None:
    """Tells others that all is ready, and where."""
    write_json(stack.data.stack_file, stack.description(pids))


def withdraw(data: DataDirectory) -> None:
    data.stack_file.unlink(missing_ok=True)


def summary(stack: Stack) -> list[tuple[str, str]]:
    """What a person wants to know once it is up."""
    return [
        ("Console and API", stack.address(QUERY_API)),
        ("Ingest", f"{stack.address(INGEST)}/webhooks/shopify"),
        ("Sandbox", stack.address(SANDBOX)),
        ("Mail", f"{stack.address(SANDBOX)}/mail (alerts are caught there)"),
        ("API token", stack.secrets.token or ""),
        ("Demo shop", f"{demo.DOMAIN} (webhook secret {stack.secrets.webhook_secret})"),
        ("All of this", str(stack.data.stack_file)),
        ("Logs", f"{stack.data.root / 'logs'} (./dev logs [NAME] [-f])"),
    ]


def by_hand(stack: Stack, service: Service) -> str:
    """The command that runs `service` of this stack in a shell."""
    settings = " ".join(f"{key}={shlex.quote(value)}" for key, value in stack.settings(service).items())
    executable, *arguments = service.command
    return f"env {settings} {shlex.join([program(executable), *arguments])}"
