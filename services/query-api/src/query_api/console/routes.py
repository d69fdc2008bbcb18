"""The console's addresses, a router for each of its pages."""

from fastapi import APIRouter, Depends

from query_api.console.accounts.routes import router as accounts
from query_api.console.alerts.routes import router as alerts
from query_api.console.connections.routes import router as connections
from query_api.console.failures.routes import router as failures
from query_api.console.forms import require_form_token, require_same_origin
from query_api.console.imports.routes import router as imports
from query_api.console.operations.routes import router as operations
from query_api.console.orders.routes import router as orders
from query_api.console.refused.routes import router as refused
from query_api.console.settings.routes import router as settings
from query_api.console.shipments.routes import router as shipments
from query_api.console.statistics.routes import router as statistics
from query_api.console.tasks.files import router as files
from query_api.console.tasks.routes import router as tasks
from query_api.console.tasks.views import router as views

PAGES = (
    accounts,
    settings,
    tasks,
    files,
    views,
    failures,
    orders,
    statistics,
    shipments,
    operations,
    connections,
    refused,
    alerts,
    imports,
)


def console_routers() -> list[APIRouter]:
    """For people who are signed in; forms are taken from these pages only."""
    guards = [Depends(require_same_origin), Depends(require_form_token)]
    routers = []
    for page in PAGES:
        router = APIRouter(include_in_schema=False, dependencies=guards)
        router.include_router(page)
        routers.append(router)
    return routers
