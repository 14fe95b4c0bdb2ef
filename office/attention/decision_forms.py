"""What head office decides about a posting or a difference, and why."""

from datetime import datetime

from django import forms

from accounts.models import User
from ddd.models import Difference, Posting
from office.attention.kind import Details
from office.attention.kinds import differences, postings


class DecisionForm(forms.Form):
    """What is to become of a posting."""

    decision = forms.ChoiceField(choices=[(name, one.label) for name, one in postings.ON_ITS_ORDER.items()])
    reason = forms.CharField(required=False, max_length=500)
    to_the_order = forms.BooleanField(required=False)
    here = forms.CharField(required=False, max_length=200)

    def carry_out(self, posting: Posting, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        decision = postings.ON_ITS_ORDER[self.cleaned_data["decision"]]
        decision.carry_out(posting, Details(user, now, self.cleaned_data["reason"]))


class DifferenceForm(forms.Form):
    """What is done about a difference; `of_day` is the report on whose page it was decided."""

    decision = forms.ChoiceField(choices=[(name, one.label) for name, one in differences.BUTTONS.items()])
    of_day = forms.DateField(required=False)
    reason = forms.CharField(required=False, max_length=500)
    here = forms.CharField(required=False, max_length=200)

    def carry_out(self, difference: Difference, user: User, now: datetime) -> None:
        """Does what was decided; Conflict when somebody was faster."""
        decision = differences.BUTTONS[self.cleaned_data["decision"]]
        decision.carry_out(difference, Details(user, now, self.cleaned_data["reason"]))
