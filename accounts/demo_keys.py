"""A real installation refuses to start while the demo's public keys or passwords work in it."""

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from accounts.demo_secrets import DEMO_EMAILS, DEMO_KEYS, DEMO_PASSWORD
from accounts.models import ApiKey, Group, User


def refuse_demo_keys() -> None:
    """Raises ImproperlyConfigured outside the demo when a demo key or a demo password would be accepted.

    A database without tables has no keys yet. One that cannot be reached raises its own error.
    """
    if settings.DEMO or not _tables_exist():
        return
    digests = {ApiKey.digest_of(key): key for key in DEMO_KEYS}
    accepted = [
        f"the key {digests[digest]}"
        for digest in ApiKey.objects.filter(digest__in=digests, revoked_at=None).values_list(
            "digest", flat=True
        )
    ]
    accepted += [
        f"the password of {email}"
        for email, password in User.objects.filter(email__in=DEMO_EMAILS, is_active=True).values_list(
            "email", "password"
        )
        if check_password(DEMO_PASSWORD, password)
    ]
    if accepted:
        raise ImproperlyConfigured(
            "This database accepts secrets of the demo, which everybody knows: "
            f"{', '.join(sorted(accepted))}. Revoke those keys and change those passwords, "
            "or use another database."
        )


def is_demo_group(group: Group) -> bool:
    """Whether the Group has demo data: every Group in the demo, elsewhere those with a web shop that ever had
    a key of the demo."""
    digests = [ApiKey.digest_of(key) for key in DEMO_KEYS]
    return settings.DEMO or ApiKey.objects.filter(web_shop__group=group, digest__in=digests).exists()


def _tables_exist() -> bool:
    tables = set(connection.introspection.table_names())
    return {ApiKey._meta.db_table, User._meta.db_table} <= tables
