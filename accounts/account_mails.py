"""Mails to people about their own access, and what stands in them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.sending import OutgoingMail, message_id, sender


class AccountMail(OutgoingMail):
    """A mail to a person. The link in it is made when it is sent, and is kept nowhere."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", gettext_lazy("Invitation")
        PASSWORD = "password", gettext_lazy("A new password")

    person = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=10, choices=Kind)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state__in=["waiting", "sending"]),
                name="one_open_mail_of_a_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=["waiting", "sending"]), name="account_mail_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.person_id}"


def letter(mail: AccountMail, path: str) -> EmailMultiAlternatives:
    """The mail as it goes out, in its own language; `path` is where its link leads."""
    person = mail.person
    is_invitation = mail.kind == AccountMail.Kind.INVITATION
    with translation.override(mail.language):
        facts = {
            "person": person,
            "group": person.group,
            "is_invitation": is_invitation,
            "link": f"{settings.PORTAL_URL}{path}",
        }
        subject = _("You are invited to %(group)s's portal") if is_invitation else _("Choose a new password")
        message = EmailMultiAlternatives(
            subject=" ".join((subject % {"group": person.group.name}).split()),
            body=render_to_string("mails/account.txt", facts).strip() + "\n",
            from_email=sender(person.group.name),
            to=[person.email],
            headers={"Message-ID": message_id(mail, "account."), "Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string("mails/account.html", facts), "text/html")
    return message
