"""What «make setup» says of the browser, where what steers every browser does not start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("steered_by", "code", "words"), [(None, 0, "Webbläsare: "), ("/bin/false", 1, "apt-get install libatomic1")]
)
def test_a_driver_that_does_not_start_is_told(tmp_path: Path, steered_by: str | None, code: int, words: str) -> None:
    environment = dict(os.environ)
    if steered_by:
        environment |= {"PLAYWRIGHT_NODEJS_PATH": steered_by, "PATH": str(tmp_path)}  # and nothing to mend it with
    line = [sys.executable, "-m", "robots.browser.install"]
    said = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (said.returncode, words in said.stdout + said.stderr) == (code, True), said
