"""Mails to the demo's customers and people."""

import io
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import zxingcpp
from PIL import Image

from tests.demo.processes import happens

ARRIVES_WITHIN = 120  # seconds; DdD is asked for the member first


def mail_about(folder: Path, order_no: str) -> EmailMessage:
    """The first mail whose subject names the order."""
    return _first(folder, lambda mail: order_no in str(mail["Subject"]))


def mail_to(folder: Path, address: str) -> EmailMessage:
    """The first mail to this address."""
    return _first(folder, lambda mail: mail["To"] == address)


def _first(folder: Path, fits: Callable[[EmailMessage], bool]) -> EmailMessage:
    """Skips a mail that is still being written."""
    found: list[EmailMessage] = []

    def look() -> bool:
        for file in sorted(folder.glob("*.log")):
            for part in file.read_bytes().split(b"\n" + b"-" * 79 + b"\n")[:-1]:
                mail = message_from_bytes(part, policy=policy.default)
                if isinstance(mail, EmailMessage) and fits(mail):
                    found.append(mail)
        return bool(found)

    assert happens(look, ARRIVES_WITHIN), f"no such mail in {folder}"
    return found[0]


def code_in_the_picture(mail: EmailMessage) -> str:
    """What a scanner reads from the QR in the mail."""
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    content = picture.get_content()
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(content)))
    return code.text
