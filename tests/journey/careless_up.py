"""``ragnhild up`` that does not look after its database: the control."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from unittest.mock import patch

from robots.cli import own_database
from robots.cli.main import carry_out

if __name__ == "__main__":
    with patch.object(own_database, "kept_up", nullcontext):
        sys.exit(carry_out(sys.argv[1:]))
