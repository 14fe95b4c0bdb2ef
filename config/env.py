"""The environment variables, read once and typed; all errors are reported together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environs import Env

ROOT = Path(__file__).resolve().parent.parent
KNOWN_SECRETS = frozenset({"", "change-me", "changeme", "secret", "insecure", "django-insecure"})


@dataclass(frozen=True)
class Environment:
    """In seconds where a name ends in seconds; URLs in the form that their libraries take."""

    secret_key: str
    debug: bool
    demo: bool
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    data_dir: Path
    database_url: str
    redis_url: str
    ddd_timeout_seconds: float
    ddd_quiet_seconds: float
    undo_seconds: float
    outbox_sweep_seconds: float
    poll_seconds: float
    catalogue_seconds: float
    member_minutes: float
    mail_seconds: float
    figures_seconds: float
    export_at_once: int
    email: dict[str, Any]
    default_from_email: str
    portal_url: str
    log_level: str
    commit: str


def read_environment() -> Environment:
    """The settings of this installation. Raises environs.EnvValidationError with every error in them."""
    env = Env(eager=False)
    data_dir = env.path("DATA_DIR", default=ROOT / "var")
    values: dict[str, Any] = {
        "secret_key": env.str("SECRET_KEY", default=""),
        "debug": env.bool("DEBUG", default=False),
        "demo": env.bool("DEMO", default=False),
        "allowed_hosts": env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]),
        "csrf_trusted_origins": env.list("CSRF_TRUSTED_ORIGINS", default=[]),
        "data_dir": data_dir,
        "database_url": env.str("DATABASE_URL", default=f"sqlite:///{data_dir}/portal.sqlite3"),
        "redis_url": env.str("REDIS_URL", default=""),
        "ddd_timeout_seconds": env.float("DDD_TIMEOUT_SECONDS", default=20.0),
        "ddd_quiet_seconds": env.float("DDD_QUIET_SECONDS", default=60.0),
        "undo_seconds": env.float("UNDO_SECONDS", default=60.0),
        "outbox_sweep_seconds": env.float("OUTBOX_SWEEP_SECONDS", default=2.0),
        "poll_seconds": env.float("POLL_SECONDS", default=30.0),
        "catalogue_seconds": env.float("CATALOGUE_SECONDS", default=900.0),
        "member_minutes": env.float("MEMBER_MINUTES", default=10.0),
        "mail_seconds": env.float("MAIL_SECONDS", default=5.0),
        "figures_seconds": env.float("FIGURES_SECONDS", default=120.0),
        "export_at_once": env.int("EXPORT_AT_ONCE", default=2000),
        "email": env.dj_email_url("EMAIL_URL", default="smtp://localhost:25"),
        "default_from_email": env.str("DEFAULT_FROM_EMAIL", default="portal@localhost"),
        "portal_url": env.str("PORTAL_URL", default="http://localhost:8000").rstrip("/"),
        "log_level": env.str("LOG_LEVEL", default="INFO"),
        "commit": env.str("COMMIT", default=""),
    }
    env.seal()
    return Environment(**values)
