"""The small web server beside a worker or a scheduler, for this machine only."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from robots.errors import ConfigurationError
from robots.watching.health import Health

HOST = "127.0.0.1"
LEAVING_SECONDS = 5.0


@contextmanager
def listening(health: Health, port: int) -> Iterator[None]:
    """Answer on the port until the end of the block; 0 answers nowhere.

    Raises ``ConfigurationError`` when another program has the port.
    """
    if not port:
        yield
        return
    import uvicorn
    from fastapi import FastAPI

    from robots.watching.routes import watching

    try:
        door = socket.create_server((HOST, port))
    except OSError as error:
        raise ConfigurationError(
            f"Porten {port} på {HOST} går inte att öppna ({error.strerror}). Ändra inställningen health_port, eller "
            "sätt den till 0."
        ) from None
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(watching(health))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(LEAVING_SECONDS)
        door.close()
