"""Which version this is. The number stands in pyproject.toml and nowhere else."""

import tomllib
from pathlib import Path


def version_in(root: Path) -> str:
    """The number of the release that is being prepared, or that this is, such as 0.2.0."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def commit_in(root: Path) -> str:
    """What whoever installed this wrote into the file COMMIT beside pyproject.toml; empty without it."""
    file = root / "COMMIT"
    return file.read_text().strip() if file.is_file() else ""
