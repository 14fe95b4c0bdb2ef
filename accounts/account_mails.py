"""Mails to people about their own access, and their text."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.sending import OutgoingMail, message_id, sender

WITH_A_LINK = ("invitation", "password")


class AccountMail(OutgoingMail):
    """A mail to a person: with a link, which is made when it is sent and stored nowhere, or a notice that
    how they log in was changed at `made_at`, `by` somebody else or on a `device`, where known."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", gettext_lazy("Invitation")
        PASSWORD = "password", gettext_lazy("A new password")
        PASSWORD_CHANGED = "password changed", gettext_lazy("Your password was changed")
        FACTOR_SET_UP = "factor set up", gettext_lazy("Your second factor was set up")
        FACTOR_OFF = "factor off", gettext_lazy("Your second factor was switched off")
        FACTOR_RESET = "factor reset", gettext_lazy("Your second factor was reset")

    person = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=20, choices=Kind)
    device = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state__in=["waiting", "sending"], kind__in=WITH_A_LINK),
                name="one_open_mail_with_a_link",
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
    """The message to send, in the mail's language and the Group's time zone; its link leads to `path`."""
    person, group = mail.person, mail.person.group
    name = "account" if mail.kind in WITH_A_LINK else "account_changed"
    with translation.override(mail.language), timezone.override(ZoneInfo(group.time_zone)):
        context = {
            "mail": mail,
            "person": person,
            "group": group,
            "is_invitation": mail.kind == AccountMail.Kind.INVITATION,
            "subject": _subject(mail),
            "link": f"{settings.PORTAL_URL}{path}",
        }
        message = EmailMultiAlternatives(
            subject=" ".join(_subject(mail).split()),
            body=render_to_string(f"mails/{name}.txt", context).strip() + "\n",
            from_email=sender(group.name),
            to=[person.email],
            headers={"Message-ID": message_id(mail, "account."), "Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string(f"mails/{name}.html", context), "text/html")
    return message


def _subject(mail: AccountMail) -> str:
    if mail.kind == AccountMail.Kind.INVITATION:
        return _("You are invited to %(group)s's portal") % {"group": mail.person.group.name}
    return _("Choose a new password") if mail.kind == AccountMail.Kind.PASSWORD else mail.get_kind_display()
