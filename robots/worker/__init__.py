"""The worker: a supervisor with slot processes, each with a warm browser and one run at a time."""
