"""Support-management: the third case system, an open one that is changed only as it was read."""
