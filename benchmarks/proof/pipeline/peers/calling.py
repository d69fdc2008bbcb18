"""The one request that each contender's CRM task makes."""

import os
from typing import Any
from uuid import uuid4


def crm_request(number: int) -> dict[str, Any]:
    """A new contact, as arguments of httpx's `post`."""
    return {
        "url": f"{os.environ['CRM_URL']}/api/v3/contacts",
        "headers": {"apikey": os.environ["CRM_KEY"], "User-Agent": "benchmarks/1"},
        "json": {
            "contactType": "Member",
            "email": f"kim.{number}.{uuid4().hex}@example.com",
            "firstName": "Kim",
            "lastName": "Berg",
        },
    }
