"""The forms of the contract pages."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.kernel.errors import DomainError

from ..models import CompatibilityMode, FormatName

LARGEST = 1_000_000


class DocumentForm(forms.Form):
    """A version's number and document, typed, pasted or uploaded; format and mode when the contract is new."""

    format = forms.ChoiceField(choices=FormatName.choices, initial=FormatName.JSON_SCHEMA)
    mode = forms.ChoiceField(
        choices=CompatibilityMode.choices, initial=CompatibilityMode.BACKWARD, label="How versions follow each other"
    )
    version = forms.CharField(max_length=40, help_text="Three numbers, such as 1.4.0.")
    text = forms.CharField(
        required=False,
        max_length=LARGEST,
        strip=False,
        label="Document",
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "font-monospace"}),
    )
    upload = forms.FileField(required=False, label="Or a file", help_text="Used instead of the text above.")
    notes = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed:
            del self.fields["format"], self.fields["mode"]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        upload = given.get("upload")
        if upload and upload.size > LARGEST:
            raise forms.ValidationError({"upload": f"A document has at most {LARGEST:,} bytes."})
        if not upload and not given.get("text", "").strip():
            raise forms.ValidationError({"text": "Type or paste the document, or choose a file."})
        return given

    @property
    def bytes_given(self) -> bytes:
        upload = self.cleaned_data.get("upload")
        return upload.read() if upload else self.cleaned_data["text"].encode("utf-8", errors="replace")


def refuse(form: forms.Form, error: DomainError) -> None:
    """Put a command's refusal where the reader looks: beside the fields it names, the rest above them."""
    beside = {name: said for name, said in error.errors.items() if name in form.fields}
    elsewhere = [
        f"{name or 'The document'}: {' '.join(said)}" for name, said in error.errors.items() if name not in beside
    ]
    for name, said in beside.items():
        form.add_error(name, said)
    form.add_error(None, [error.message, *elsewhere])
