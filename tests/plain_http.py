"""For clients that speak to loopback without TLS: reading the machine's certificates costs each of them 20 ms."""

from __future__ import annotations

import ssl

# Trusts nobody: a test that meets TLS after all is told.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
