"""The web process: the live route of the tablets beside Django's pages and API."""

import logging
import os
from typing import cast

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()

from accounts.demo_keys import refuse_demo_keys  # noqa: E402 - models can be read only once Django stands
from config.gauges import Gauges  # noqa: E402
from config.proxies import believing_proxies  # noqa: E402
from core import static_files  # noqa: E402
from core.measures import REGISTRY  # noqa: E402
from pos.hub import Hub  # noqa: E402
from pos.live import App, LiveAlerts, with_live_route  # noqa: E402

if not (settings.DEMO or settings.DEBUG) and (said := static_files.trouble()):
    logging.getLogger(__name__).warning(said)

hub = Hub()
REGISTRY.register(Gauges(lambda: hub.streams))
portal = with_live_route(cast(App, pages), LiveAlerts(hub), refuse_demo_keys)
application = believing_proxies(portal, settings.TRUSTED_PROXIES)
