"""The browser: found, started, kept warm, and taught to send a change exactly once."""
