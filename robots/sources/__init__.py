"""Where settings and secrets come from: files, systemd, a keyring, a vault; and what is said of each."""
