"""``python -m robots``: the same as ``ragnhild``."""

from robots.cli.main import main

if __name__ == "__main__":
    main()
