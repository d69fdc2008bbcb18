"""The sandbox's CRM alone. Its clock runs a thousand times as fast, so that its rate limit hinders nobody."""

import os
import time

import uvicorn

from sandbox.engage.app import Engage
from sandbox.engage.herald import Herald, HookSettings
from sandbox.faults import FaultBoard
from sandbox.sending.courier import Courier
from sandbox.sending.ledger import Ledger
from sandbox.sending.manners import svix_manners

NOBODY = "http://127.0.0.1:1"
KEY = "measured"
_FAST = 1_000


def serve() -> None:
    """On HOST and PORT, until SIGTERM."""
    ledger = Ledger()
    courier = Courier(receiver=NOBODY, ledger=ledger, manners=svix_manners(1))
    herald = Herald(courier, HookSettings(shop="measured", enabled=False))
    engage = Engage(KEY, FaultBoard(seed="measured"), herald, ledger, clock=lambda: time.monotonic() * _FAST)
    host, port = os.environ["HOST"], int(os.environ["PORT"])
    uvicorn.run(engage.app, host=host, port=port, access_log=False, log_level="warning", lifespan="off")


if __name__ == "__main__":
    serve()
