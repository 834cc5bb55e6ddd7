"""A case system that can only be reached by e-mail: a mailbox to read in, and an address that orders are sent to."""
