"""The write-back service: consumes the lane that reports shipments back to shops and marketplaces."""

from shared.observability import configure_logging
from shared.service import run_service
from shared.settings import load_settings
from shared.tasks import Lane
from shared.worker import worker_app
from writeback.handlers import HANDLERS
from writeback.settings import WritebackSettings


def main() -> None:
    settings = load_settings(WritebackSettings)
    configure_logging(settings, service="writeback")
    lanes = {Lane.WRITEBACK: settings.writeback_prefetch}
    run_service(
        worker_app(settings, service="writeback", lanes=lanes, handlers=HANDLERS),
        settings,
    )
