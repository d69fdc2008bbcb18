"""`/settings…`: shops, how long data is kept, tokens, sessions, and who did what."""

from fastapi import APIRouter

from query_api.console.settings.audit import router as audit
from query_api.console.settings.keeping import router as keeping
from query_api.console.settings.sessions import router as sessions
from query_api.console.settings.shops import router as shops
from query_api.console.settings.tokens import router as tokens

router = APIRouter()
for part in (shops, keeping, tokens, sessions, audit):
    router.include_router(part)
