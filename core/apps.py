from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules

from core.static_files import check_collected


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """Loads every module of causes: a process that only reads rows needs their sentences too."""
        autodiscover_modules("causes", "words.causes")
        register(check_collected, deploy=True)
