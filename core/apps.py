from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """Loads every module of causes: a process that only reads rows needs their sentences too."""
        autodiscover_modules("causes", "words.causes")
