"""What a notice on head office's work list means for shops, and what to do. Knows no database."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

OF_NOTICES: Final[Mapping[str, Promise]] = {
    "unknown word": gettext_lazy(
        "As long as nobody says what this word means for a piece, nothing is concluded from it: the order "
        "stays here as it was. Say what it means, or ask DdD."
    ),
    "unknown type": gettext_lazy(
        "As long as nobody says what this type means, such orders are on no shop's tablet. Say whether they "
        "are collected in a shop, or ask DdD."
    ),
    "unreadable": gettext_lazy(
        "No shop sees the order, or what has changed in it. Look it up in DdD's back office, tell the shop, "
        "and give DdD's support what stands here."
    ),
    "many unreadable": gettext_lazy(
        "No shop sees these orders, or what has changed in them. It is one fault: give DdD's support what "
        "stands here, and tell the shops."
    ),
    "set back": gettext_lazy(
        "Its sale is booked, and stays so. If the customer has brought the pieces back, take them back in "
        "the portal; if somebody changed it in DdD by mistake, change it back there."
    ),
    "delivered again": gettext_lazy(
        "DdD's tills go on showing an order that was handed over in the portal. If a till has delivered it "
        "once more, it has moved the pieces a second time and perhaps booked a second sale: take those out "
        "in DdD. If DdD calls every order delivered once its sale is posted, all is well."
    ),
    "unknown shop": gettext_lazy(
        "No shop sees the order on its tablet. Add the shop with this ShopId, or let DdD give the order to "
        "another shop."
    ),
    "changed at ddd": gettext_lazy(
        "The portal goes on with what the web shop sent, and books its sale so. If DdD is right, take over "
        "what it has before the order is delivered: its sale is then booked with DdD's prices."
    ),
    "moved when ready": gettext_lazy(
        "The pieces stand ready in the shop that had the order. Ask both shops who hands them over: what "
        "DdD's till delivers is booked in the shop that DdD names."
    ),
    "unknown web shop": gettext_lazy(
        "The shop has the order. Who books its sale is said on the page Policies, DdD. Add the web shop with "
        "this WebshopId if its sales belong in a turnover shop, or if it books them itself."
    ),
    "token refused": gettext_lazy(
        "Orders of this web shop that only its own token shows are not followed, and what the portal sends "
        "with it waits. Type the token anew on the web shop's page; what was missed is read then."
    ),
    "unknown variant": gettext_lazy(
        "The shop sees the order, but for this piece a number only. Look the VariantId up in DdD and tell "
        "the shop what to look for."
    ),
    "order no alike": gettext_lazy(
        "They differ only in case or in the form of their characters. Both are here, and a search may show "
        "the wrong one: look at the name before you hand over. Ask the web shop for other OrderNos."
    ),
    "taken back": gettext_lazy(
        "In the portal the customer still has these pieces. Ask the shop who paid her, and look in DdD "
        "whether its till has booked the return."
    ),
    "sent late": gettext_lazy(
        "A worker was taken for dead while DdD was answering it, and the posting was sent again or decided "
        "meanwhile. Look in DdD whether it stands there twice, and take the second one out."
    ),
}

# What to look for in DdD where the first posting of a kind is, under the names of `FirstPosting.Kind`.
OF_FIRSTS: Final[Mapping[str, Promise]] = {
    "sale": gettext_lazy(
        "Find this receipt in DdD. Are its pieces sold in the right shop, at these prices and with this "
        "discount, under the right item group, and is the money where the web shop's, or the register's, "
        "belongs? Does it name the order?"
    ),
    "return": gettext_lazy(
        "Find this receipt in DdD. Are its pieces counted as come back and not as sold, with the right "
        "reason, and does the money go out where the web shop's belongs? Does it name the order?"
    ),
    "pay-out": gettext_lazy(
        "Find this receipt in DdD. Are its pieces counted as come back and not as sold, and is the money "
        "taken out of the register, in cash or on the card terminal as it was paid? Does it name the order?"
    ),
    "transfer": gettext_lazy(
        "Find this item transfer in DdD. Does it go from the one shop to the other and not back, with these "
        "pieces, and has DdD no second one of the same order?"
    ),
    "change": gettext_lazy(
        "Open this web order in DdD. Does it show what was changed, and is all else as it was before?"
    ),
}
