"""What the units of deploy/systemd say, as the tests start it themselves."""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DEPLOY: Final = ROOT / "deploy"
UNITS: Final = sorted((DEPLOY / "systemd").glob("*.service"))
INSTALLED: Final = "/opt/portal"


@dataclass(frozen=True)
class Unit:
    """One instance of a unit: its settings by name, each with all its values in order."""

    settings: Mapping[str, list[str]]

    @classmethod
    def read(cls, name: str, instance: str = "", folder: Path | None = None) -> Self:
        """`name` is that of the file without `.service`. Without a folder it is ours, installed here."""
        text = ((folder or DEPLOY / "systemd") / f"{name}.service").read_text()
        text = text.replace("%i", instance).replace("%H", "here")
        if folder is None:
            text = text.replace(INSTALLED, str(ROOT))
        settings: dict[str, list[str]] = {}
        for line in re.sub(r"\\\n", " ", text).splitlines():
            key, found, value = line.partition("=")
            if found and not line.startswith("#"):
                settings.setdefault(key, []).append(value.strip())
        return cls(settings)

    def command(self, state_directory: str = "", name: str = "ExecStart") -> list[str]:
        """With the variables that systemd gives put in; [] when the unit has none of that name."""
        lines = self.settings.get(name, [])
        assert len(lines) <= 1
        return shlex.split(lines[0].replace("${STATE_DIRECTORY}", state_directory)) if lines else []

    def environment(self) -> dict[str, str]:
        """What the unit sets."""
        pairs = [pair for line in self.settings.get("Environment", []) for pair in shlex.split(line)]
        return dict(pair.split("=", 1) for pair in pairs)

    def seconds(self, name: str) -> float:
        return float(self.settings[name][0])


def named_settings(text: str) -> dict[str, str]:
    """The settings of an env file, also those that stand there as a comment, with their values."""
    found = re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE)
    return dict(found)


def settings_read() -> set[str]:
    """The names that config/env.py reads."""
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "env.py").read_text()))


def bare_environment() -> dict[str, str]:
    """This process's environment without anything that is a setting of the portal."""
    ours = settings_read() | {"ENV_FILE", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in ours}
    return {**kept, "NO_PROXY": "*", "no_proxy": "*"}
