"""`python -m tests.deploy.people DDD`: Nordlys in a real installation, which takes no secret of the demo.

Prints its key, and the session of somebody in Aarhus.
"""

import json
import os
import secrets
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import ApiKey, User  # noqa: E402
from ddd.models import Connection  # noqa: E402
from tests.factories import make_cast  # noqa: E402


def main(ddd: str) -> None:
    """Seeds the cast, and gives it secrets of its own."""
    cast = make_cast(ddd)
    Connection.objects.update(asks_about_first=False)
    User.objects.filter(is_operator=False).update(password=make_password(None))
    key = secrets.token_urlsafe(32)
    ours = cast.key()
    ApiKey.objects.exclude(pk=ours.pk).delete()
    ApiKey.objects.filter(pk=ours.pk).update(digest=ApiKey.digest_of(key), hint=key[:8])
    client = Client()
    client.force_login(cast.person("aarhus"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    found = {"key": key, "cookie": f"{settings.SESSION_COOKIE_NAME}={session}", "shop": cast.aarhus.pk}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
