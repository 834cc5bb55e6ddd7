"""What must never be written down: planted in the town, looked for in everything that the toolkit leaves behind."""
