"""What the crew is told to do, and what it tells afterwards; both go as one line of JSON."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Orders:
    """What the crew is told.

    ``kills``: how many; ``killed_share``: of all attempts, how many are
    struck; ``paused_share``: of those, how many are paused (SIGSTOP) for up to ``longest_stop`` seconds, their
    run being given out to others meanwhile; ``killed_after_pause``: how many of the paused never wake up again;
    ``mean_life`` is the mean time in seconds until a strike, to begin with, until it has found
    its own way to ``killed_share``; ``restless``: how many of the clicks wait for their button, for up to
    ``longest_restless`` seconds.
    """

    database: str
    folder: str
    target: str
    seed: int
    kills: int
    actors: int
    control: str = "nothing"
    killed_share: float = 0.55
    paused_share: float = 0.05
    longest_stop: float = 0.3
    killed_after_pause: float = 0.5
    mean_life: float = 0.05
    restless: float = 0.05
    longest_restless: float = 0.3
    patience: float = 120.0


@dataclass
class Told:
    """What the crew tells afterwards. ``endings``: what the first actor said that a run ended with."""

    forks: int = 0
    kills: int = 0
    kills_in_request: int = 0
    pauses: int = 0
    attempts: int = 0
    retries: int = 0
    still_at_work: int = 0
    seconds: float = 0.0
    stuck: list[int] = field(default_factory=list)
    numbers: int = 0
    broke: dict[str, int] = field(default_factory=dict)
    endings: dict[int, str] = field(default_factory=dict)
    changed_endings: int = 0
