"""Django's settings. What differs between installations comes from the environment (`config/env.py`)."""

import sys
from typing import Any
from urllib.parse import unquote

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.databases import add_postgresql_options, program
from config.env import KNOWN_SECRETS, LEVELS, ROOT, read_environment
from config.version import commit_in, version_in

env = read_environment()

VERSION = version_in(ROOT)
METRICS_TOKEN = env.metrics_token
COMMIT = env.commit or commit_in(ROOT)

DEBUG = env.debug
DEMO = env.demo
SECRET_KEY = env.secret_key
if SECRET_KEY.lower() in KNOWN_SECRETS or len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing, well known or shorter than 32 characters: "
        "set it to a long random text of your own."
    )

# What was signed and begun by an earlier SECRET_KEY still holds.
SECRET_KEY_FALLBACKS = env.secret_key_fallbacks

ALLOWED_HOSTS = env.allowed_hosts
CSRF_TRUSTED_ORIGINS = env.csrf_trusted_origins
TRUSTED_PROXIES = env.trusted_proxies

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "core",
    "accounts",
    "workers",
    "ddd",
    "orders",
    "pos",
    "returns",
    "office",
    "operating",
    # Only its commands, such as make_orders. A real installation does not have the packages of the demo.
    *(["demo"] if DEMO else []),
]

MIDDLEWARE = [
    "core.middleware.measured",
    "core.middleware.safe_headers",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.static_files",
    "core.middleware.compressed",
    "core.middleware.request_id",
    "config.health.checks_by_any_host",  # before what asks which host it is
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.device_stays_logged_in",
    "accounts.middleware.language_of_the_person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Before the access check: a manager may have to enter a PIN first.
    "pos.middleware.require_person",
    "accounts.middleware.audience_of_the_view",
    "accounts.middleware.not_kept",
    "core.middleware.redirect_get_of_post_urls",
    "core.middleware.domain_errors",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.requests.viewer_context",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

SQLITE_OPTIONS: dict[str, Any] = {
    # Without IMMEDIATE a read that turns into a write fails at once when another process wrote between.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: what was answered or claimed survives a power cut. It costs one fdatasync for each commit.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
DATABASES: dict[str, Any] = {"default": dj_database_url.parse(env.database_url)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    add_postgresql_options(DATABASES["default"], env, program(sys.orig_argv))
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
    # A file, not memory: tests of concurrency need threads that really share a database.
    DATABASES["default"]["TEST"] = {"NAME": str(env.data_dir / "test-portal.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["accounts.hashing.BoundedArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# django-allauth has the second factor and counts attempts. People are invited, so it sends no mail and stores
# no addresses; its only pages are those of accounts/second_factor_urls.py.
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/5m/key",
    "failures_of_an_address": "100/5m/ip",
    "reset_password": "100/5m/ip,5/5m/key",
    "reauthenticate": "10/5m/user",
}
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# For attempt counters and used codes: shared by all processes, and losing Redis locks nobody out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_counted",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("da", _("Danish"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = env.static_root
STORAGES = {"staticfiles": {"BACKEND": "core.static_files.HashedFiles"}}
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").is_file()  # what collectstatic writes last

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SECURE_BY_TLS = not (DEBUG or DEMO)
SESSION_COOKIE_SECURE = SECURE_BY_TLS
CSRF_COOKIE_SECURE = SECURE_BY_TLS
# Whether a request came by TLS is what config/proxies.py found out; Django reads no header for it.
SECURE_SSL_REDIRECT = env.tls_redirect
# Load balancers ask by plain HTTP, and by address.
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^version$", "^metrics$"]
SECURE_HSTS_SECONDS = env.hsts_seconds
CSRF_FAILURE_VIEW = "core.views.stale_form"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the tablet prints a PDF from a hidden frame of its own page

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.HasKey"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.JSONUnlessXML",
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "core.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
}

REDIS_URL = env.redis_url
CELERY_BROKER_URL = env.redis_url.replace("unix://", "redis+socket://", 1)

WEB_CONNECTIONS = env.web_connections
REQUEST_SECONDS = env.request_seconds
DATA_DIR = env.data_dir
EXPORT_AT_ONCE = env.export_at_once

DDD_TIMEOUT_SECONDS = env.ddd_timeout_seconds
DDD_QUIET_SECONDS = env.ddd_quiet_seconds
DDD_PRIVATE_HOSTS = [host.lower() for host in env.ddd_private_hosts]
SENDERS_PER_GROUP = env.senders_per_group
UNDO_SECONDS = env.undo_seconds
OUTBOX_SWEEP_SECONDS = env.outbox_sweep_seconds
POLL_SECONDS = env.poll_seconds
CATALOGUE_SECONDS = env.catalogue_seconds
MEMBER_MINUTES = env.member_minutes
MAIL_SECONDS = env.mail_seconds
FIGURES_SECONDS = env.figures_seconds

EMAIL_BACKEND = env.email["EMAIL_BACKEND"]
EMAIL_HOST = env.email["EMAIL_HOST"]
EMAIL_PORT = env.email["EMAIL_PORT"]
EMAIL_HOST_USER = env.email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = env.email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = env.email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = env.email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = env.email["EMAIL_TIMEOUT"] or 15
EMAIL_FILE_PATH = unquote(env.email["EMAIL_FILE_PATH"])
DEFAULT_FROM_EMAIL = env.default_from_email
# Where people find the portal, for links in mails.
PORTAL_URL = env.portal_url

EACH_CALL = ("celery.beat", "celery.worker.strategy", "celery.app.trace")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"paths": {"()": "config.web.PathsOnly"}},
    "formatters": {
        "json": {"()": "core.logs.json_formatter"},
        "console": {"()": "core.logs.text_formatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": env.log_format}},
    "root": {"handlers": ["stderr"], "level": env.log_level},
    "loggers": {
        # Django's own handlers would write some lines a second time.
        "django": {"handlers": [], "level": max(env.log_level, "INFO", key=LEVELS.index)},
        "django.server": {"handlers": [], "propagate": True},
        # They log every URL: search terms of members are personal data.
        "httpx2": {"level": "WARNING"},
        "weasyprint.progress": {"level": "WARNING"},
        # A line or two for each call of the timetable.
        **{name: {"level": "DEBUG" if env.log_level == "DEBUG" else "WARNING"} for name in EACH_CALL},
        "uvicorn.access": {"filters": ["paths"]},
    },
}

if env.sentry_dsn:
    from config.sentry import start_sentry  # it takes time to load, and most installations have none

    start_sentry(env.sentry_dsn, VERSION)
