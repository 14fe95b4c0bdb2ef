"""Style, scripts and icons.

Where `collectstatic` was run they have names with a hash, and browsers keep them for ever. Where it was not
(the demo, tests, while developing), they are served from their sources, and kept for a minute.
"""

import filecmp
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS: Final = Path(__file__).resolve().parent.parent / "static"
# Django would look for them in the scripts of packages too, and in their comments.
IMPORTS: Final = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]
COMMAND: Final = "run 'manage.py collectstatic --noinput --clear'"


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Our scripts import each other under these names too: one under two names would run twice."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((f"{folder.name}/*.js", IMPORTS) for folder in OURS.iterdir()),
    )

    def stored_name(self, name: str) -> str:
        """With its hash, when it was collected."""
        return str(super().stored_name(name)) if self.hashed_files else name


def trouble() -> str:
    """What an installation should do about its static files; empty when nothing."""
    root = Path(settings.STATIC_ROOT)
    if not (root / "staticfiles.json").is_file():
        return f"The static files are not collected, so browsers ask for them again and again: {COMMAND}."
    found = (
        (Path(storage.path(name)), root / name)
        for finder in finders.get_finders()
        for name, storage in finder.list(None)
    )
    if all(copy.is_file() and filecmp.cmp(source, copy, shallow=False) for source, copy in found):
        return ""
    return f"The static files are those of another version: {COMMAND}."


def check_collected(**_kwargs: object) -> list[CheckMessage]:
    """For `manage.py check --deploy`."""
    said = trouble()
    return [CheckWarning(said, id="core.W001")] if said else []
