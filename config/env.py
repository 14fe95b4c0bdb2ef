"""The environment variables, read once and typed; all errors are reported together."""

import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from environs import FileAwareEnv, ValidationError, validate

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = [ip_network("127.0.0.1"), ip_network("::1")]
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
KNOWN_SECRETS = frozenset({"", "change-me", "changeme", "secret", "insecure", "django-insecure"})


@dataclass(frozen=True)
class Environment:
    """In seconds where a name ends in seconds; URLs in the form that their libraries take."""

    secret_key: str
    secret_key_fallbacks: list[str]
    debug: bool
    demo: bool
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    trusted_proxies: list[IPv4Network | IPv6Network]
    tls_redirect: bool
    hsts_seconds: int
    data_dir: Path
    static_root: Path
    database_url: str
    database_pool: int
    database_statement_seconds: float
    pgbouncer: bool
    redis_url: str
    web_connections: int
    request_seconds: float
    ddd_timeout_seconds: float
    ddd_quiet_seconds: float
    ddd_private_hosts: list[str]
    senders_per_group: int
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
    log_format: str
    sentry_dsn: str
    metrics_token: str
    commit: str


def read_environment() -> Environment:
    """The settings of this installation; each may stand in the file that NAME_FILE names instead. Raises
    environs.EnvValidationError with every error in them, and ValueError for a file that cannot be read."""
    env = FileAwareEnv(eager=False, strip_whitespace=True)
    _read_file_of_settings(env)
    # Cookies go by TLS alone, except where developers and those who try it have none.
    by_tls = not (env.bool("DEBUG", default=False) or env.bool("DEMO", default=False))
    data_dir = env.path("DATA_DIR", default=ROOT / "var")
    values: dict[str, Any] = {
        "secret_key": env.str("SECRET_KEY", default=""),
        "secret_key_fallbacks": env.list("SECRET_KEY_FALLBACKS", default=[]),
        "debug": env.bool("DEBUG", default=False),
        "demo": env.bool("DEMO", default=False),
        "allowed_hosts": env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]),
        "csrf_trusted_origins": env.list("CSRF_TRUSTED_ORIGINS", default=[]),
        "trusted_proxies": env.list("TRUSTED_PROXIES", default=LOOPBACK, subcast=_network),
        "tls_redirect": env.bool("TLS_REDIRECT", default=by_tls),
        "hsts_seconds": env.int("HSTS_SECONDS", default=30 * 24 * 3600 if by_tls else 0),
        "data_dir": data_dir,
        "static_root": env.path("STATIC_ROOT", default=ROOT / "staticfiles"),
        "database_url": env.str("DATABASE_URL", default=f"sqlite:///{data_dir}/portal.sqlite3"),
        "database_pool": env.int("DATABASE_POOL", default=20),
        "database_statement_seconds": env.float("DATABASE_STATEMENT_SECONDS", default=30.0),
        "pgbouncer": env.bool("PGBOUNCER", default=False),
        "redis_url": env.str("REDIS_URL", default=""),
        "web_connections": env.int("WEB_CONNECTIONS", default=4000),
        "request_seconds": env.float("REQUEST_SECONDS", default=30.0),
        **_about_ddd(env, by_tls=by_tls),
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
        **_seen_by_operators(env),
    }
    env.seal()
    return Environment(**values)


def _about_ddd(env: FileAwareEnv, *, by_tls: bool) -> dict[str, Any]:
    return {
        "ddd_timeout_seconds": env.float("DDD_TIMEOUT_SECONDS", default=20.0),
        "ddd_quiet_seconds": env.float("DDD_QUIET_SECONDS", default=60.0),
        "ddd_private_hosts": env.list("DDD_PRIVATE_HOSTS", default=[] if by_tls else ["*"]),
        "senders_per_group": env.int("SENDERS_PER_GROUP", default=2),
    }


def _seen_by_operators(env: FileAwareEnv) -> dict[str, Any]:
    return {
        "log_level": env.str("LOG_LEVEL", default="INFO", validate=validate.OneOf(LEVELS)),
        "log_format": env.str("LOG_FORMAT", default="console", validate=validate.OneOf(("console", "json"))),
        "sentry_dsn": env.str("SENTRY_DSN", default=""),
        "metrics_token": env.str("METRICS_TOKEN", default=""),
        "commit": env.str("COMMIT", default=""),
    }


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _read_file_of_settings(env: FileAwareEnv) -> None:
    """Takes what the environment does not have from the file that ENV_FILE names, or from `.env` beside this
    program. An empty ENV_FILE reads none. Raises ValueError when the named file cannot be read."""
    named = os.environ.get("ENV_FILE")
    file = Path(named) if named else ROOT / ".env"
    if named == "" or not (named or file.exists()):
        return
    if not os.access(file, os.R_OK) or not file.is_file():
        raise ValueError(f"The settings in {file} cannot be read: is it there, and may this user read it?")
    env.read_env(file, recurse=False)
