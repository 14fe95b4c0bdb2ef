"""The web process: the live route of the tablets beside Django's pages and API."""

import logging
import os
from typing import cast

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from accounts.demo_keys import refuse_demo_keys  # noqa: E402 - models can be read only once Django stands
from config.gauges import Gauges  # noqa: E402
from config.proxies import believing_proxies  # noqa: E402
from core import static_files  # noqa: E402
from core.measures import REGISTRY  # noqa: E402
from pos.hub import Hub  # noqa: E402
from pos.live import App, LiveAlerts, with_live_route  # noqa: E402

if not (settings.DEMO or settings.DEBUG) and (said := static_files.trouble()):
    logging.getLogger(__name__).warning(said)


class Pages(ASGIHandler):
    """Django's own, with middleware and view in one thread: all of them wait for the database, and the usual
    way goes back to the event loop between the two, which took a fifth of a request's time."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """What the middleware and the view answer."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


hub = Hub()
REGISTRY.register(Gauges(lambda: hub.streams))
portal = with_live_route(cast(App, Pages()), LiveAlerts(hub), refuse_demo_keys)
application = believing_proxies(portal, settings.TRUSTED_PROXIES)
