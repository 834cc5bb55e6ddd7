"""``python -m robots.browser.install``: make sure that there is a browser, in the order that disturbs least.

One that is installed is taken as it is. Else Playwright downloads its own, and where that cannot be reached, Debian's
package is installed, which needs root. So is the library that Playwright's own driver needs and a clean Debian has not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from robots.browser.launch import find_browser

DEBIAN_PACKAGES = ("chromium-headless-shell", "fonts-liberation")
OF_THE_DRIVER = "libatomic1"


def main() -> int:
    if not _driver_starts() and not (_installed(OF_THE_DRIVER) and _driver_starts()):
        print(
            f"Playwright startar inte: något som det behöver saknas. På Debian: apt-get install {OF_THE_DRIVER}, och "
            "kör igen.", file=sys.stderr,
        )  # fmt: skip
        return 1
    if _told(find_browser()):
        return 0
    if _ran(sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"):
        print("Webbläsare: Playwrights egen")
        return 0
    if _installed(*DEBIAN_PACKAGES) and _told(find_browser()):
        return 0
    print("Ingen webbläsare gick att installera. Installera Chrome, Edge eller Chromium och kör igen.", file=sys.stderr)
    return 1


def _driver_starts() -> bool:
    """What every browser is steered by, whichever it is."""
    asked = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(asked, stdout=subprocess.DEVNULL, check=False).returncode == 0


def _installed(*packages: str) -> bool:
    """By Debian's own means, which only root has."""
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return False
    _ran(apt, "update", "-q")
    return _ran(apt, "install", "-y", "-q", "--no-install-recommends", *packages)


def _told(found: Path | None) -> bool:
    if found:
        print(f"Webbläsare: {found}")
    return found is not None


def _ran(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
