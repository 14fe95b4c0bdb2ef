"""Head office's reasons for a return, on the page of the policy: added, renamed, no longer offered."""

import pytest
from django.test import Client

from core.errors import Conflict
from office.returns.forms import PolicyPage
from returns.models import ReturnedPiece, ReturnReason
from returns.reasons import offered_reasons
from tests.core.pages import Page
from tests.factories import NOW, Cast, delivered, taken_back
from tests.returns.head_office import POLICY, as_it_stands, as_posted, keep, refused, stored

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("today")]


def test_a_reason_is_added_renamed_and_no_longer_offered(cast: Cast, office: Client) -> None:
    keep(
        office,
        {"reasons-0-words": "Too small", "reasons-0-return_code": "11"}
        | {"reasons-5-words": "Too late", "reasons-5-return_code": "0"},
        "reasons-1-offered",
    )
    found = list(cast.nordlys.return_reasons.values_list("words", "return_code", "offered"))
    assert found == [
        ("Too small", 11, True),
        ("Fortrudt", 2, False),
        ("Fejl på varen", 3, True),
        ("Forkert vare", 4, True),
        ("Gave, der skal byttes", 5, True),
        ("Too late", 0, True),
    ]
    offered = [reason.code for reason in offered_reasons(cast.nordlys)]
    assert offered == ["Too small", "Fejl på varen", "Forkert vare", "Gave, der skal byttes", "Too late"]


def test_reasons_may_change_their_names_among_themselves(cast: Cast, office: Client) -> None:
    first, second, *_rest = cast.nordlys.return_reasons.all()
    keep(office, {"reasons-0-words": second.words, "reasons-1-words": first.words})
    assert list(cast.nordlys.return_reasons.values_list("words", flat=True))[:2] == [
        "Fortrudt",
        "Passer ikke",
    ]
    assert ReturnReason.objects.get(pk=first.pk).return_code == 1


def test_at_least_one_reason_is_offered(cast: Cast, office: Client) -> None:
    all_of_them = [f"reasons-{number}-offered" for number in range(8)]
    fields = {name: value for name, value in as_it_stands(office).items() if name not in all_of_them}
    before = stored(cast)
    answer = office.post(POLICY, fields)
    assert answer.status_code == 422
    assert "Offer at least one reason." in Page(answer).text
    assert stored(cast) == before


def test_what_was_taken_back_before_keeps_the_reason_it_had(cast: Cast, office: Client) -> None:
    back = taken_back(cast, delivered(cast), paid_by="cash")
    keep(office, {"reasons-0-words": "Too small", "reasons-0-return_code": "11"})
    kept = ReturnedPiece.objects.filter(taken_back=back).values_list("reason", "return_code")
    assert set(kept) == {("Passer ikke", 1)}


def test_another_groups_reason_is_not_offered(cast: Cast, office: Client) -> None:
    theirs = cast.fjord.return_reasons.first()
    assert theirs
    text = refused(office, cast, {"reasons-0-id": str(theirs.pk), "reasons-0-words": "Ours now"})
    assert "The list of reasons is another one now. Open the page anew." in text


def test_two_who_add_the_same_reason_at_once_keep_it_once(cast: Cast, office: Client) -> None:
    """Both pages were opened before either was kept."""
    fields = as_it_stands(office) | {"reasons-5-words": "Torn", "reasons-5-return_code": "9"}
    fields = {name: value for name, value in fields.items() if value != []}
    first, second = (PolicyPage(as_posted(fields), cast.nordlys) for _person in range(2))
    assert first.is_valid()
    assert second.is_valid()
    first.keep(cast.person("office"), NOW)
    before = stored(cast)
    with pytest.raises(Conflict, match="Somebody else has changed the return policy just now"):
        second.keep(cast.person("office"), NOW)
    assert stored(cast) == before
    assert cast.nordlys.return_reasons.filter(words="Torn").count() == 1
    assert "This reason stands there already." in Page(office.post(POLICY, fields)).text
