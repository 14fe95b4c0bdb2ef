"""What the portal says of its calls to DdD, in the reader's language.

Sentences are stored in English, as they were said at the time; here they are recognised and said again. What
DdD itself said stays as it is. Knows no database.
"""

import re
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = (
    gettext_noop("DdD refused it with %(status)s: %(said)s"),
    gettext_noop("DdD turned us away with %(status)s: %(said)s"),
    gettext_noop("DdD answered %(status)s: %(said)s"),
    gettext_noop("DdD answered false and does not have it."),
    gettext_noop("DdD's answer is not JSON: %(said)s"),
    gettext_noop("DdD's answer cannot be read: %(said)s"),
    gettext_noop("DdD's answer is no invoice id: %(said)s"),
    gettext_noop("DdD's answer is neither true nor false: %(said)s"),
    gettext_noop("DdD's address leads elsewhere: %(said)s"),
    gettext_noop("DdD's address or token cannot be used: %(said)s"),
    gettext_noop("Sent, but no answer came: %(said)s"),
    gettext_noop("Sent %(count)s times, and DdD does not have it. The last time: %(last)s"),
    gettext_noop("DdD was read back: it is not there. It is sent again."),
    gettext_noop("The worker stopped while it was sending."),
    gettext_noop("Another worker has taken it over; nothing was sent."),
    gettext_noop("DdD has another order with this OrderNo."),
    gettext_noop("DdD does not have the order yet."),
    gettext_noop("DdD does not have the order."),
    gettext_noop("DdD's order does not have these lines."),
    gettext_noop(
        "DdD has %(count)s payments of together %(seen)s under this receipt number; ours is %(paid)s."
    ),
    gettext_noop(
        "DdD has a new transfer of these pieces, but it may be one that a person has decided about."
    ),
    gettext_noop("DdD has several new transfers of these pieces between the two shops."),
    gettext_noop("DdD lists no such transfer, but it is not confirmed that it lists drafts at all."),
    gettext_noop("DdD's books are empty, though much was sent."),
    gettext_noop("The nightly comparison did not find it at DdD."),
    gettext_noop("The order has %(wrong)s."),
    gettext_noop("Seen on the order %(order_no)s"),
    gettext_noop("Pieces: %(count)s. How the customer got her money is not known here: look in DdD."),
)


def in_words(stored: str) -> str:
    """The stored sentence in the active language; as it is when it is none of the portal's own."""
    for sentence, pattern in _patterns():
        found = pattern.fullmatch(stored)
        if found:
            facts = found.groupdict()
            if "last" in facts:
                facts["last"] = in_words(facts["last"])
            return _(sentence) % facts if facts else _(sentence)
    return stored


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (
            sentence,
            re.compile(re.sub(r"%\\?\((\w+)\\?\)s", r"(?P<\1>.*?)", re.escape(sentence)), re.DOTALL),
        )
        for sentence in SENTENCES
    ]
