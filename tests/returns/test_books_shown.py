"""Head office reads how far DdD is told of a return, on the order and where something waits for a person."""

import pytest
from django.utils import timezone

from ddd.booking.bookkeeping import number_sale
from ddd.models import Posting
from tests.core.pages import ENGLISH, browser
from tests.factories import Cast, delivered, taken_back


@pytest.mark.parametrize("page", ["order", "attention"])
def test_a_return_that_ddd_refused_is_shown_with_shop_receipt_and_money_out(page: str, cast: Cast) -> None:
    order = delivered(cast)
    taken_back(cast, order, lines=(1,), paid_by="cash")
    posting = Posting.objects.get(kind="return")
    number_sale(posting)
    refused = {"state": Posting.State.REJECTED, "needs_attention": True, "first_sent_at": timezone.now()}
    Posting.objects.filter(pk=posting.pk).update(**refused)

    path = f"/orders/{order.pk}/" if page == "order" else "/orders/attention/"
    text = " ".join(browser(cast, "office", ENGLISH).get(path).content.decode().split())

    assert "<strong>Return</strong>" in text
    assert "Web turnover · receipt 99/1 · -199.95 DKK" in text
