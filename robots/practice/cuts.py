"""How a conversation ends before its time."""

from __future__ import annotations

import asyncio
import socket
import struct


def cut(transport: asyncio.BaseTransport, how: str) -> None:
    """End the connection in order (``fin``), or as if a cable were pulled out (``rst``)."""
    if how == "rst" and isinstance(transport, asyncio.WriteTransport):
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
