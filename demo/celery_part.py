"""`python -m demo.celery_part FILE worker|beat …`: Celery's own command, which makes FILE once it runs."""

import sys
from pathlib import Path

from celery.signals import beat_init, worker_ready

from config.celery import app

RUNS = Path(sys.argv[1])


def say_so(**_kwargs: object) -> None:
    """It takes tasks, or sends them."""
    RUNS.touch()


worker_ready.connect(say_so)
beat_init.connect(say_so)
sys.exit(app.start(sys.argv[2:]))
