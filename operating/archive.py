"""The file of a backup: a compressed tar with a manifest, which is read first, and what it names."""

import gzip
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
ONLY_OURS: Final = 0o600  # it holds customers' names and DdD's tokens
CHUNK: Final = 2**20


class Unusable(Exception):
    """This is no backup, or one that was damaged; the sentence says which."""


@dataclass(frozen=True)
class Manifest:
    """What a backup is of: `migrations` are the newest of each app, `files` the sha256 of each by name."""

    version: str
    commit: str
    made_at: str
    database: str  # Django's vendor: sqlite or postgresql
    migrations: dict[str, str]
    files: dict[str, str]
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made_at)

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises Unusable for another format."""
        try:
            said = json.loads(text)
            if said["format"] != FORMAT:
                raise Unusable(f"It has format {said['format']}, which this version does not know.")
            return cls(**said)
        except (ValueError, KeyError, TypeError) as error:
            raise Unusable(f"Its {MANIFEST} cannot be read.") from error


def write(to: Path, manifest: Manifest, folder: Path) -> None:
    """Puts the files of the manifest, which lie in the folder, into one that only this user may read. Raises
    FileExistsError: no backup is overwritten."""
    unfinished = to.with_name(f"{to.name}.unfinished")
    if to.exists():
        raise FileExistsError(to)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, ONLY_OURS)
    os.fchmod(descriptor, ONLY_OURS)
    with open(descriptor, "wb") as raw:
        # A dump of PostgreSQL is compressed already: a quick look is enough.
        with (
            gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            for name in (MANIFEST, *manifest.files):
                archive.add(folder / name, name, recursive=False)
        raw.flush()
        os.fsync(raw.fileno())
    unfinished.rename(to)


def unpack(file: Path, folder: Path) -> Manifest:
    """Puts what the manifest names into the folder and compares each with its sha256. Raises Unusable."""
    try:
        with tarfile.open(file, "r|gz") as archive:
            first = archive.next()
            opened = archive.extractfile(first) if first and first.name == MANIFEST else None
            if opened is None:
                raise Unusable(f"{file} is no backup of the portal.")
            manifest = Manifest.read(opened.read())
            while member := archive.next():
                content = archive.extractfile(member)
                # Only names of the manifest, so that nothing is written elsewhere.
                if content is None or member.name not in manifest.files:
                    raise Unusable(f"{member.name} is not in its {MANIFEST}.")
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as written:
                    shutil.copyfileobj(content, written, CHUNK)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise Unusable(f"{file} cannot be read: {error}") from error
    for name, expected in manifest.files.items():
        if not (folder / name).is_file() or digest_of(folder / name) != expected:
            raise Unusable(f"{name} is missing or damaged.")
    return manifest


def digest_of(file: Path) -> str:
    """Its sha256."""
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


def older_than_the_newest(backups: Sequence[Path], keep: int) -> list[Path]:
    """All but so many, by their names, which begin with the time."""
    return sorted(backups)[: max(len(backups) - keep, 0)]
