from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """A program that only reads rows says their sentences too, so it loads all of them."""
        autodiscover_modules("causes", "words.causes")
