"""``python -m robots.browser.install``: make sure that there is a browser, in the order that disturbs least.

One that is installed is taken as it is. Else Playwright downloads its own, and where that cannot be reached, Debian's
package is installed, which needs root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from robots.browser.launch import find_browser

DEBIAN_PACKAGES = ("chromium-headless-shell", "fonts-liberation")


def main() -> int:
    if _told(find_browser()):
        return 0
    if _ran(sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"):
        print("Webbläsare: Playwrights egen")
        return 0
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        _ran(apt, "update", "-q")
        _ran(apt, "install", "-y", "-q", "--no-install-recommends", *DEBIAN_PACKAGES)
        if _told(find_browser()):
            return 0
    print("Ingen webbläsare gick att installera. Installera Chrome, Edge eller Chromium och kör igen.", file=sys.stderr)
    return 1


def _told(found: Path | None) -> bool:
    if found:
        print(f"Webbläsare: {found}")
    return found is not None


def _ran(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
