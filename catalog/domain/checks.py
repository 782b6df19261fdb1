"""Turning what Django's models refuse into this product's refusals, with every error beside its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, TextChoices

from governance.kernel.errors import Invalid


def clean(record: Model, *, extra: Mapping[str, list[str]] | None = None, known: bool = False) -> None:
    """Run every field, uniqueness and constraint check of ``record``; raise one ``Invalid`` with all of them.

    ``known`` says that the record is a copy of a stored row: it is not compared with itself.
    """
    record._state.adding = record._state.adding and not known
    errors: dict[str, list[str]] = {name: list(said) for name, said in (extra or {}).items() if said}
    try:
        record.full_clean()
    except ValidationError as refused:
        for name, said in refused.message_dict.items():
            errors.setdefault("" if name == NON_FIELD_ERRORS else name, []).extend(said)
    if errors:
        named = ", ".join(name.replace("_", " ") for name in errors if name) or "the record as a whole"
        raise Invalid(f"This {record._meta.verbose_name} cannot be saved: look at {named}.", errors=errors)


def words_outside(given: object, allowed: type[TextChoices] | Iterable[str]) -> list[str]:
    """What is wrong with a list of words: not a list, or words that the closed list does not have."""
    known = allowed.values if isinstance(allowed, type) else list(allowed)
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        return ["Give a list of words."]
    unknown = sorted(set(given) - set(known))
    return [f"{', '.join(unknown)} is not one of {', '.join(known)}."] if unknown else []
