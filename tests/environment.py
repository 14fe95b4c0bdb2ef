"""What the tests' own environment says; loaded by pytest before Django reads its settings."""

import os
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.gettempdir()) / f"portal-tests-{os.getuid()}-{os.getppid()}"
DATA_DIR.mkdir(exist_ok=True)
os.environ.setdefault("SECRET_KEY", "only-the-tests-use-this-key-" + "x" * 32)
os.environ.setdefault("DATA_DIR", str(DATA_DIR))
os.environ.setdefault("DDD_TIMEOUT_SECONDS", "5")
os.environ.setdefault("DDD_QUIET_SECONDS", "0")
os.environ.setdefault("UNDO_SECONDS", "0")
