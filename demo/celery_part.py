"""`python -m demo.celery_part FILE worker|beat …`: Celery's own command, which makes FILE once it runs."""

import sys
from pathlib import Path

from celery.signals import beat_init, worker_ready

from config.celery import app

READY_FILE = Path(sys.argv[1])


def mark_ready(**_kwargs: object) -> None:
    """The process is ready: it takes tasks, or sends them."""
    READY_FILE.touch()


worker_ready.connect(mark_ready)
beat_init.connect(mark_ready)
sys.exit(app.start(sys.argv[2:]))
