"""The template of tasks' processes without its walls: their control, and for tasks that lie among the tests."""

from __future__ import annotations

import sys
from pathlib import Path


def leave_out_walls() -> None:
    """In a slot's process, before it starts: its tasks run outside all walls."""
    from robots.worker.task_process import copies

    vars(copies)["TEMPLATE"] = Path(__file__)


def main() -> None:
    from robots.worker.task_process import template, walls

    vars(walls)["shut_in"] = lambda _folder, _readable: None
    template.main()


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    main()
