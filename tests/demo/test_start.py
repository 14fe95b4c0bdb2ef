"""`python -m demo` from outside, as far as it comes when something is wrong."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from demo.folder import DataFolder
from demo.options import ROOT
from demo.parts import environment, refuse_taken_port
from tests.demo.processes import free_port


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def is_refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == sentence


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_one_sentence(taken_port: int, tmp_path: Path) -> None:
    done = start("--port", str(taken_port), "--ddd-port", str(free_port()), "--data", str(tmp_path))
    is_refused(done, f"Port {taken_port} of the portal is taken: choose another with --port.")
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_of_the_sandbox_is_one_sentence(taken_port: int, tmp_path: Path) -> None:
    done = start("--port", str(free_port()), "--ddd-port", str(taken_port), "--data", str(tmp_path))
    is_refused(done, f"Port {taken_port} of the DdD sandbox is taken: choose another with --ddd-port.")


def test_a_port_that_all_addresses_share_is_taken_too() -> None:
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Exception, match=f"Port {port} of the portal is taken"):
            refuse_taken_port(port, "portal", "--port")


def test_a_broken_data_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = start("--port", str(free_port()), "--ddd-port", str(free_port()), "--data", str(tmp_path / "file"))
    is_refused(
        done,
        f"The data folder {tmp_path / 'file'} cannot be used (File exists): choose another with --data.",
    )


def test_a_second_demo_on_the_same_folder_is_one_sentence(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as folder:
        folder.take(reset=False)
        done = start("--port", str(free_port()), "--ddd-port", str(free_port()), "--data", str(tmp_path))
    is_refused(
        done,
        f"Another demo is running on {tmp_path}: stop it, or choose another folder with --data.",
    )


def test_a_wrong_option_is_one_sentence() -> None:
    is_refused(start("--colour", "red"), "unrecognized arguments: --colour red (see bin/demo --help)")


def test_help_names_every_option() -> None:
    done = start("--help")
    assert done.returncode == 0
    for option in ("--port", "--ddd-port", "--data", "--reset", "--ddd-url", "--ddd-token", "--quiet-shop"):
        assert option in done.stdout


def test_the_callers_own_database_and_broker_are_used(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    given = {"DATABASE_URL": "postgresql://db/portal", "REDIS_URL": "", "PATH": "/bin", "no_proxy": "intra"}
    told = environment("", folder, given, redis_url="unix:///run/valkey.sock")
    assert told["DATABASE_URL"] == "postgresql://db/portal"
    assert told["REDIS_URL"] == "unix:///run/valkey.sock"
    assert (told["DEMO"], told["DATA_DIR"], told["PATH"]) == ("1", str(tmp_path), "/bin")
    assert told["no_proxy"] == "intra,127.0.0.1,localhost"


def test_the_folders_name_may_have_signs_that_mean_something_in_addresses(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "what? #1 %41 æ") as folder:
        folder.take(reset=False)
        told = environment("", folder, {}, redis_url="")
    assert told["DATABASE_URL"].endswith("/what%3F%20%231%20%2541%20%C3%A6/portal.sqlite3")
    assert told["EMAIL_URL"] == f"file:///{quote(str(tmp_path))}/what%3F%20%231%20%2541%20%C3%A6/mails"


def test_nobody_gets_a_real_mail_from_the_demo(tmp_path: Path) -> None:
    given = {"EMAIL_URL": "smtp://mail.example"}
    told = environment("", DataFolder(tmp_path), given, redis_url="", portal_url="http://127.0.0.1:8000")
    assert (told["EMAIL_URL"], told["PORTAL_URL"]) == (f"file:///{tmp_path}/mails", "http://127.0.0.1:8000")
