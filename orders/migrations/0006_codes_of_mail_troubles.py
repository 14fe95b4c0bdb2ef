"""Why a mail was not sent becomes a code with data."""

from django.db import migrations

from core.old_sentences import SENTENCES_OF_MAILS, coded, from_text_to_cause

SENTENCES = (
    *SENTENCES_OF_MAILS,
    ("order-mail-not-needed", r"Not needed any more: the order has moved on\."),
    ("order-mail-no-number", r"The order has no CustomerNumber\."),
    ("order-mail-no-member", r"No member has this number"),
    ("order-mail-no-address", r"The member has no mail address\."),
    ("order-mail-bad-address", r"The mail address cannot be used\."),
    ("order-mail-ddd-away", r"DdD cannot be asked for the member's address now\."),
)


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_sales_booked_late")]

    operations = [
        *from_text_to_cause("orders.Mail", "reason", lambda text: coded(text, SENTENCES)),
    ]
