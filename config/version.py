"""The version of the portal. The number is in pyproject.toml and nowhere else."""

import tomllib
from pathlib import Path


def version_in(root: Path) -> str:
    """The number of this release, or of the one in preparation, such as 0.2.0."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def commit_in(root: Path) -> str:
    """The content of the file COMMIT beside pyproject.toml, written at installation; "" without it."""
    file = root / "COMMIT"
    return file.read_text().strip() if file.is_file() else ""
