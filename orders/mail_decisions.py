"""A person's decisions about a mail that may not have arrived."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, Fault, Invalid
from ddd.sending.decisions import decided_already
from orders.events import record
from orders.models import Mail, OrderEvent

NEEDS_ATTENTION = (Mail.State.UNCERTAIN, Mail.State.NOT_POSSIBLE)


def send_again(mail: Mail, tries: int, actor: User, now: datetime) -> None:
    """It is sent once more. `tries` is how often it had been tried when the page was drawn: a second tap
    after the next try sends nothing."""
    _decide(mail, tries, Mail.State.WAITING, OrderEvent.Kind.MAIL_AGAIN, "", actor, now)


def see_to(mail: Mail, tries: int, reason: str, actor: User, now: datetime) -> None:
    """It is not sent any more; `reason` says why: the customer knows, or does not need to."""
    if not reason.strip():
        detail = _("Say how it was seen to, for example that you have telephoned.")
        raise Invalid(detail, [Fault("/reason", _("Write a reason."), "required")])
    _decide(mail, tries, Mail.State.SEEN_TO, OrderEvent.Kind.MAIL_SEEN_TO, reason.strip()[:300], actor, now)


def _decide(
    mail: Mail, tries: int, state: str, kind: OrderEvent.Kind, reason: str, actor: User, now: datetime
) -> None:
    with transaction.atomic():
        waiting = Mail.objects.filter(pk=mail.pk, state__in=NEEDS_ATTENTION, tries=tries)
        if not waiting.update(state=state, not_before=now, decided_by=actor):
            mail.refresh_from_db()
            if mail.decided_by_id == actor.pk and (mail.state == state or mail.tries > tries):
                return  # their own second tap
            if mail.decided_by is None:
                raise Conflict(_("This mail is on its way."), code="moved-on")
            raise decided_already(mail.decided_by)
        record(mail.order, kind, now, actor, mail=mail.kind, reason=reason)
