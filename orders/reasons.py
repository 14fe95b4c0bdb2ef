"""Why a mail was not sent: stored in English, said in the reader's language. Knows no database."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

NOT_NEEDED_ANY_MORE = gettext_noop("Not needed any more: the order has moved on.")
NO_NUMBER = gettext_noop("The order has no CustomerNumber.")
NO_MEMBER = gettext_noop("No member has this number")
NO_ADDRESS = gettext_noop("The member has no mail address.")
BAD_ADDRESS = gettext_noop("The mail address cannot be used.")
DDD_AWAY = gettext_noop("DdD cannot be asked for the member's address now.")
SERVER_AWAY = gettext_noop("The mail server cannot be used now: %(said)s")
REFUSED_FOR_NOW = gettext_noop("The mail server refused it for now: %(said)s")
REFUSED = gettext_noop("The mail server refused it: %(said)s")
NO_ANSWER = gettext_noop("Sent, but the mail server did not say that it has it: %(said)s")
WORKER_STOPPED = gettext_noop("The worker stopped while it was sending.")
WITH_WORDS_OF_A_SERVER = (SERVER_AWAY, REFUSED_FOR_NOW, REFUSED, NO_ANSWER)


def in_words(stored: str) -> str:
    """The reason in the active language; what a server said stays as it is."""
    sentence, between, said = stored.partition(": ")
    whole = f"{sentence}: %(said)s"
    if between and whole in WITH_WORDS_OF_A_SERVER:
        return _(whole) % {"said": said}
    return _(stored) if stored else ""
