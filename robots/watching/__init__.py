"""What machines want to know of the robots: whether they are well, and in figures."""
