"""One trace leads from a delivery into the log, and over each of its tasks to the calls of the CRM, as a
collector sees it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import REGISTRY
from pydantic import SecretStr

from shared.envelope import Transition
from shared.tasks import TaskType
from shared.trace_export import export_traces
from shared.tracing import trace_id_of
from shared.vault import Vault
from sync_worker.app import build_app
from sync_worker.settings import Settings
from tests.integration.ingest.running import MASTER_KEY, add_shop, ready_ingest
from tests.integration.recorder.running import recorder, recorder_settings
from tests.integration.sync_worker.world import add_account
from tests.unit.sync_worker.bodies import customer_body
from tests.waiting import eventually
from tests.workers import open_world

CHAIN = ["delivery shopify", TaskType.CUSTOMER_WEBHOOK, TaskType.INDEX_CUSTOMER, TaskType.SYNC_CONTACT]


@contextmanager
def collector() -> Iterator[tuple[str, list[Span]]]:
    """The address of one, and every span it was sent."""
    spans: list[Span] = []

    class Receiving(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sent = ExportTraceServiceRequest.FromString(body)
            for resource in sent.resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Receiving)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", spans
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def commits() -> float:
    """Of all recorders in this process."""
    return REGISTRY.get_sample_value("syncledger_recorder_batch_transitions_count") or 0


def is_end_of_chain(one: Transition) -> bool:
    return one.task.type is TaskType.SYNC_CONTACT and one.state.is_final


async def test_a_trace_leads_from_the_delivery_to_the_call_of_the_crm(
    database_url: str, rabbitmq_url: str, sandbox_url: str, control: httpx.AsyncClient
) -> None:
    shop = await add_shop(database_url)
    settings = Settings(
        database_url=SecretStr(database_url),
        rabbitmq_url=SecretStr(rabbitmq_url),
        secret_keys=SecretStr(MASTER_KEY),
    )
    worker = build_app(settings)
    recording = recorder_settings(database_url, rabbitmq_url, secret_keys=SecretStr(MASTER_KEY))
    with collector() as (endpoint, spans):
        provider = export_traces(endpoint, ratio=1, resource={"service.name": "test"})
        async with ready_ingest(database_url, rabbitmq_url) as ingest:
            before = commits()
            async with recorder(recording):
                accepted = await ingest.send(shop, orjson.dumps(customer_body()), "customers/create")
                await eventually(lambda: commits() > before)
            async with open_world(database_url, rabbitmq_url) as published:
                vault = Vault(MASTER_KEY)
                await add_account(published.pool, vault, shop_id=shop.id, base_url=f"{sandbox_url}/engage")
                async with worker.router.lifespan_context(worker):
                    await eventually(lambda: any(map(is_end_of_chain, published.published)))
        await asyncio.to_thread(provider.shutdown)
    named = {span.name: span for span in spans}
    parents = [named[name].span_id for name in CHAIN[:-1]]
    assert [named[name].parent_span_id for name in CHAIN[1:]] == parents
    carried = {trace_id_of(one.task.traceparent) for one in published.published if one.task.type in CHAIN}
    assert carried == {named[name].trace_id.hex() for name in CHAIN}
    assert len(carried) == 1
    calls = [span for span in spans if span.kind == Span.SPAN_KIND_CLIENT]
    assert named[TaskType.SYNC_CONTACT].span_id in {call.parent_span_id for call in calls}
    recorded = named["record queued"]
    assert (recorded.trace_id, recorded.parent_span_id) == (named[CHAIN[0]].trace_id, named[CHAIN[0]].span_id)
    told = {item.key: item.value.string_value for item in named["delivery shopify"].attributes}
    assert told["syncledger.task.id"] == accepted.json()["task_id"]
