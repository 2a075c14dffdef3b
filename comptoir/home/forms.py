"""Text to typed values; saves nothing."""

from django import forms

LAST = 2**62  # no log has so many lines


class ReadForm(forms.Form):
    """Up to which line of the log somebody has read, or the one line alone that they have."""

    upto = forms.IntegerField(min_value=0, max_value=LAST, required=False)
    only = forms.IntegerField(min_value=0, max_value=LAST, required=False)

    def clean_upto(self) -> int:
        """None: all of them."""
        told: int | None = self.cleaned_data["upto"]
        return LAST if told is None else told
