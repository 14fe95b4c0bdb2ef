"""The kinds of problem that the Public API answers with. Each `type` is the address of a page that says this.

Knows no database.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# `code` -> what it means, and what the web shop does.
MEANINGS: Final[Mapping[str, Promise]] = {
    "invalid": _(
        "Something in the request cannot be accepted. Each fault has an entry under errors, with its place. "
        "Mend them all and send it again: nothing was stored."
    ),
    "parse-error": _(
        "The body is neither JSON in UTF-8 nor XML without a document type. Nothing was stored."
    ),
    "unsupported-media-type": _(
        "Send JSON or XML, with the header Content-Type: application/json or application/xml."
    ),
    "bad-request": _("The request cannot be read. Look at its address and its headers."),
    "not-authenticated": _("The request has no key. Send the header Authorization: ddd_token, and the key."),
    "authentication-failed": _("The key is not known, has run out or was revoked. Head office makes keys."),
    "stale-form": _("The request came from a page of another site. Send it from your server, with your key."),
    "forbidden": _("This key may not do this."),
    "not-found": _("There is no such route, order or refund, or it is not yours to see."),
    "method-not-allowed": _("The address is right, the method is not: see the header Allow."),
    "order-no-taken": _(
        "There is another order with this OrderNo in the Group. An OrderNo is used once; only the same order "
        "with the same content may be sent again."
    ),
    "of-another-web-shop": _("The order is another web shop's, which alone can change it."),
    "too-late-to-change": _("The order was delivered, returned or cancelled. It cannot be changed any more."),
    "closed-already": _("The refund is closed under another reference."),
    "no-longer-due": _("The return was cancelled or reversed: there is nothing to refund any more."),
    "to-be-claimed-back": _("The return was wrong, but is refunded: the money is to be claimed back."),
    "too-many": _("Too many requests. Wait as long as the header Retry-After says."),
    "try-later": _(
        "Something that is needed does not answer now. Nothing was stored: send it again after the seconds "
        "that the header Retry-After names."
    ),
    "internal-error": _(
        "An error of the portal. Send the same again: nothing is stored twice. If it stays, tell head office "
        "the number of the request."
    ),
}
