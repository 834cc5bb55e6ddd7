"""``python -m robots.browser.install``: make sure that there is a browser, in the order that disturbs least.

One that is installed is taken as it is. Else Playwright downloads its own, and where that cannot be reached, Debian's
package is installed, which needs root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from robots.browser.launch import find_browser

DEBIAN_PACKAGES = ("chromium-headless-shell", "fonts-liberation")


def main() -> int:
    found = find_browser()
    if found:
        print(f"Webbläsare: {found}")
        return 0
    if subprocess.run([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]).returncode == 0:
        print("Webbläsare: Playwrights egen")
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], env=quiet)
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *DEBIAN_PACKAGES], env=quiet)
        if find_browser():
            return 0
    print("Ingen webbläsare gick att installera. Installera Chrome, Edge eller Chromium och kör igen.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
