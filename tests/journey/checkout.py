"""A copy of this checkout, in which a test may do what an admin does in theirs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.architecture.source import project_files
from tests.conftest import ROOT


def copy_checkout(folder: Path) -> None:
    """Every file that is, or is about to be, in the repository."""
    for file in project_files():
        copied = folder / file.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copied)


def environment_in(folder: Path, data: Path) -> dict[str, str]:
    """Commands that are typed there use the copy's code, a data folder of their own, and no other test's town.

    Tests that are started there keep their files there too: pytest tidies up after others of its own name.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("RAGNHILD_", "PYTEST_"))}
    return ours | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(folder),
        "PYTEST_DEBUG_TEMPROOT": str(data), "RAGNHILD_DATA_DIR": str(data / "ragnhild"), "COLUMNS": "160",
    }  # fmt: skip
