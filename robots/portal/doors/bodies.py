"""How much anybody may send: what is longer is refused before it is read, whoever sends it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from robots.portal.wording import marked as _

# A form of ours holds some texts of a few thousand characters.
MOST_BYTES = 1_000_000
# 100,000 rows of ten columns are 4 MB, and pictures may be in the file.
MOST_SHEET_BYTES = 10_000_000
SHEETS = ("/excel/sheets", "/api/v1/sheets")
TOO_MUCH = _("Det som skickades är för stort. En Excelfil får vara högst 10 MB; dela upp den.")


class Bodies:
    """Lets a request through as far as it is short enough, and answers 413 to the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = MOST_SHEET_BYTES if scope["path"] in SHEETS else MOST_BYTES
        told = Headers(scope=scope).get("content-length", "")
        too_long = told.isdecimal() and (len(told) > 18 or int(told) > most)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            if too_long:
                raise HTTPException(413, TOO_MUCH)
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413, TOO_MUCH)
            return message

        await self.app(scope, counted, send)
