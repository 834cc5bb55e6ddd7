"""What was seen and done: masked pictures, the step log, and one report for each run."""

from robots.evidence.recorder import Recorder

__all__ = ["Recorder"]
