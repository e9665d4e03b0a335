"""Microsoft's stack for Python, as its SDK puts it together: msgraph-core's middleware and kiota on httpx.

The body is encoded already and the answer is not parsed into models, which its users would pay for besides.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from msgraph_core import BaseGraphRequestAdapter  # type: ignore[import-untyped]  # no types published

from benchmarks.client_peers.ground import TOKEN, Ground, Make, path, repeated


class Ready(AuthenticationProvider):
    """Signs with a token that is there."""

    async def authenticate_request(
        self,
        request: RequestInformation,
        additional_authentication_context: dict[str, Any] | None = None,  # noqa: ARG002 - kiota's signature
    ) -> None:
        request.headers.try_add("Authorization", f"Bearer {TOKEN}")


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    body = ground.body.encode()
    adapter = BaseGraphRequestAdapter(Ready())
    adapter.base_url = ground.url

    def request(number: int) -> RequestInformation:
        asked = RequestInformation(Method.POST)
        asked.url = ground.url + path(number)
        asked.headers.try_add("Accept", "application/json")
        asked.set_stream_content(body, "application/json")
        return asked

    async def post(number: int) -> None:
        await adapter.send_primitive_async(request(number), "bytes", {})

    async with adapter._http_client:
        yield repeated(post, ground.workers)
