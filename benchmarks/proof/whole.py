"""The whole product with the sandbox on a plot, as `./dev up` starts it, without demo traffic."""

from typing import Any

import httpx

from benchmarks.proof.ground import Plot
from benchmarks.proof.programs import Measured, module
from devstack.data import DataDirectory, read_json, write_json
from sandbox.shopify.delivery import Sender

_TIMEOUT_S = 120


class Whole(Measured):
    start_timeout_s = 180.0
    stop_grace_s = 90.0

    def __init__(self, plot: Plot, **settings: str) -> None:
        self._data = DataDirectory(plot.logs / "whole")
        write_json(self._data.secrets_file, {"secret_keys": [plot.secret_key]})
        command = module("devstack", "up", "--ports", "auto", "--no-demo", "--data", str(self._data.root))
        super().__init__(plot, "whole", command, LOG_FORMAT="json", **settings)

    def answers(self) -> bool:
        return self._data.stack_file.exists()

    @property
    def facts(self) -> dict[str, Any]:
        """Read anew at each use."""
        return read_json(self._data.stack_file)

    @property
    def crm_key(self) -> str:
        return str(read_json(self._data.secrets_file)["engage_api_key"])

    @property
    def demo_shop(self) -> Sender:
        shop = self.facts["demo_shop"]
        return Sender(shop["domain"], shop["webhook_secret"])

    def sandbox(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.facts["sandbox_url"], timeout=_TIMEOUT_S)

    def api(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.facts['token']}"}
        address = f"{self.facts['query_api_url']}/api/v1"
        return httpx.AsyncClient(base_url=address, headers=headers, timeout=_TIMEOUT_S)
