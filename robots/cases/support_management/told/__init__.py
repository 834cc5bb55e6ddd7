"""What support-management tells: its errands in the words of the contract, and its problems in plain Swedish."""
