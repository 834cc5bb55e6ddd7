"""A small web server in a thread beside what the process is for; for this machine only."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from robots.errors import ConfigurationError
from robots.watching.health import Health

if TYPE_CHECKING:
    from fastapi import FastAPI

HOST = "127.0.0.1"
LEAVING_SECONDS = 5.0


@contextmanager
def listening(health: Health, port: int) -> Iterator[None]:
    """Tell of the process's health on the port until the end of the block; 0 tells it nowhere.

    Raises ``ConfigurationError`` when another program has the port.
    """
    if not port:
        yield
        return
    from fastapi import FastAPI

    from robots.watching.routes import watching

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(watching(health))
    with answering(app, port, "health_port"):
        yield


@contextmanager
def answering(app: FastAPI, port: int, setting: str) -> Iterator[int]:
    """Let ``app`` answer on the port that ``setting`` names until the end of the block. Yields the port; 0 takes any.

    Raises ``ConfigurationError`` when another program has the port.
    """
    import uvicorn

    try:
        door = socket.create_server((HOST, port))
    except OSError as error:
        raise ConfigurationError(
            f"Porten {port} på {HOST} går inte att öppna ({error.strerror}). Ändra inställningen {setting}, eller "
            "sätt den till 0."
        ) from None
    # Else the end of each answer waits 40 ms for what the other side has received to be confirmed.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    told = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(told)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name=setting, daemon=True)
    thread.start()
    try:
        yield int(door.getsockname()[1])
    finally:
        app.state.is_ending = True  # what streams to somebody would never end by itself
        server.should_exit = True
        thread.join(LEAVING_SECONDS)
        door.close()
