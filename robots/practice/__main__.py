"""``python -m robots.practice --users FILE --port N``: open the municipality until told to stop.

The users file is JSON: ``{"control_token": "…", "users": [{"name", "display", "password", "roles"}]}``. It is a
file and not an argument because arguments are seen by everybody on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
import threading
from datetime import date
from pathlib import Path

import uvicorn

from robots.practice.mail import MailServer
from robots.practice.server import PracticeProtocol, build_app
from robots.practice.sessions import User


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m robots.practice", description=__doc__)
    parser.add_argument("--users", type=Path, required=True, help="JSON file with users and control token")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ready-file", type=Path, help="written with the port once the town is open")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--today", type=date.fromisoformat, default=None)
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the process that started it")
    options = parser.parse_args()

    asyncio.run(_serve(options))


async def _serve(options: argparse.Namespace) -> None:
    told = json.loads(options.users.read_text("utf-8"))
    users = {u["name"]: User(u["name"], u["display"], u["password"], u["roles"]) for u in told["users"]}
    mail = MailServer()
    await mail.start()
    app = build_app(users, told["control_token"], mail, options.seed, options.today or date.today())
    listener = socket.create_server(("127.0.0.1", options.port))
    # Inherited by every connection; asyncio leaves it out for sockets made this way, and answers then wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    port = listener.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=PracticeProtocol,
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,  # answers that are slow by a fault are not waited for
        )
    )
    if options.until_stdin_closes:
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    if options.ready_file:
        part = options.ready_file.with_suffix(".part")
        part.write_text(json.dumps({"port": port, "smtp_port": mail.port, "pid": os.getpid()}))
        part.replace(options.ready_file)
    print(f"Tallinge kommun: http://127.0.0.1:{port}/", flush=True)
    await server.serve(sockets=[listener])
    mail.stop()


def _end_with_stdin(server: uvicorn.Server) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    server.should_exit = True


if __name__ == "__main__":
    main()
