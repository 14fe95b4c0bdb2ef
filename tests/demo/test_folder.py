import stat
from pathlib import Path

import pytest

from demo import Refused
from demo.folder import DataFolder


def test_the_secret_is_made_once_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "new" / "demo") as folder:
        folder.take(reset=False)
        secret = folder.secret_key()
        assert len(secret) >= 50
        assert folder.secret_key() == secret
        assert stat.S_IMODE((folder.path / "secret-key").stat().st_mode) == 0o600


def test_two_demos_on_one_folder_are_refused_until_the_first_gives_it_back(tmp_path: Path) -> None:
    (tmp_path / "portal.sqlite3").touch()
    with DataFolder(tmp_path) as first, DataFolder(tmp_path) as second:
        first.take(reset=False)
        with pytest.raises(Refused, match="Another demo is running on"):
            second.take(reset=True)
        assert (tmp_path / "portal.sqlite3").exists()
        first.release()
        second.take(reset=False)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with DataFolder(tmp_path / place) as folder, pytest.raises(Refused, match="cannot be used"):
        folder.take(reset=False)


def test_a_fresh_start_removes_only_what_the_demo_made(tmp_path: Path) -> None:
    mine = [
        "portal.sqlite3",
        "portal.sqlite3-wal",
        "ddd-sandbox.sqlite3",
        "web-shop-next-order",
        "secret-key",
    ]
    for name in [*mine, "holiday.jpg"]:
        (tmp_path / name).write_text("x")
    (tmp_path / "appendonlydir").mkdir()
    (tmp_path / "appendonlydir" / "appendonly.aof.manifest").write_text("x")

    with DataFolder(tmp_path) as folder:
        folder.take(reset=True)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["holiday.jpg", "lock", "log"]


def test_without_reset_everything_is_kept(tmp_path: Path) -> None:
    (tmp_path / "portal.sqlite3").write_text("x")
    with DataFolder(tmp_path) as folder:
        folder.take(reset=False)
    assert (tmp_path / "portal.sqlite3").read_text() == "x"
