"""`python -m demo`: what `bin/demo` runs once everything is set up."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from accounts.demo_secrets import DEMO_PASSWORD
from demo import Refused, parts
from demo.folder import DataFolder
from demo.options import ROOT, Options, read_options
from demo.people import GROUPS, DemoPerson
from demo.supervisor import Broken, StopRequested, Supervisor, ignore_stop_signals, raise_on_stop_signals

STOPPED, BROKEN, REFUSED = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """0 when it was stopped, 1 when a part broke, 2 when it could not begin."""
    try:
        raise_on_stop_signals()
        options = read_options(arguments)
        parts.refuse_taken_port(options.port, "portal", "--port")
        if not options.ddd_url:
            parts.refuse_taken_port(options.ddd_port, "DdD sandbox", "--ddd-port")
        with DataFolder(options.data) as folder, tempfile.TemporaryDirectory(prefix="demo-") as private:
            folder.take(reset=options.reset)
            _run(options, folder, Path(private))
    except Refused as refused:
        _print_error(str(refused))
        return REFUSED
    except Broken as broken:
        _print_error(str(broken))
        return BROKEN
    except StopRequested:
        return STOPPED
    return STOPPED


def _run(options: Options, folder: DataFolder, private: Path) -> None:
    """Starts all parts and watches them; leaves only by an exception, with every part stopped."""
    socket_path = parts.valkey_socket(private)
    redis_url = f"unix://{socket_path}"
    environment = parts.environment(options.ddd_token, folder, os.environ, redis_url, _portal(options))
    supervisor = Supervisor(folder.log, environment, ROOT)
    try:
        if not os.environ.get("REDIS_URL"):
            parts.start_valkey(supervisor, folder, socket_path)
        if not options.ddd_url:
            parts.start_sandbox(supervisor, folder, options.ddd_port)
        careful = ["--careful"] if options.careful else []
        supervisor.run("prepare", sys.executable, "-m", "demo.prepare", "--ddd-url", _ddd(options), *careful)
        parts.start_portal(supervisor, folder, private, options.port)
        if not options.quiet_shop:
            parts.start_web_shop(supervisor, folder, options.port)
        _print_summary(options, folder)
        supervisor.watch()
    finally:
        ignore_stop_signals()
        supervisor.stop()


def _ddd(options: Options) -> str:
    return options.ddd_url.rstrip("/") or f"http://{parts.HOST}:{options.ddd_port}"


def _portal(options: Options) -> str:
    return f"http://{parts.HOST}:{options.port}"


def _print_summary(options: Options, folder: DataFolder) -> None:
    portal = _portal(options)
    database = "DATABASE_URL" if os.environ.get("DATABASE_URL") else "SQLite in the data folder"
    keys = [(shop.name, shop.key) for group in GROUPS for shop in group.web_shops]
    lines = [
        "",
        "The Click'n'Collect portal, with made-up data",
        "",
        f"  Portal           {portal}/",
        f"  {'DdD             ' if options.ddd_url else 'DdD sandbox     '} {_ddd(options)}/",
        f"  Data             {folder.path}",
        f"  Logs             {folder.log}",
        f"  Mails            {folder.mails}",
        f"  Database         {database}",
        f"  Broker           {'REDIS_URL' if os.environ.get('REDIS_URL') else 'bundled Valkey'}",
        f"  Made-up orders   {'none' if options.quiet_shop else 'one every half minute'}",
        "",
        f"Log in with the password {DEMO_PASSWORD} as",
        *(_person_line(group.name, person) for group in GROUPS for person in group.people),
        "",
        "Keys of the web shops, sent as 'Authorization: ddd_token KEY'",
        *(f"  {name:<10} {key}" for name, key in keys),
        "",
        "Ctrl-C stops everything.",
        f"READY {portal}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _person_line(group: str, person: DemoPerson) -> str:
    names = {shop.shop_id: shop.name for one in GROUPS for shop in one.shops}
    where = f"{group} {names[person.shop_id]}" if person.shop_id else group
    pin = f", PIN {person.pin}" if person.pin else ""
    return f"  {person.email:<26} {person.name:<18} {person.role}, {where}{pin}"


def _print_error(sentence: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
