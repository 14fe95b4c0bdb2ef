"""Why a mail was not sent becomes a code with data."""

from django.db import migrations

from core.old_sentences import SENTENCES_OF_MAILS, coded, from_text_to_cause

SENTENCES = (*SENTENCES_OF_MAILS, ("account-mail-not-needed", r"Not needed any more\."))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_notices_of_changes")]

    operations = [
        *from_text_to_cause("accounts.AccountMail", "reason", lambda text: coded(text, SENTENCES)),
    ]
