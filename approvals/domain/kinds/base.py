"""What a change may do with one sort of object: the hooks that each sort fills, and where to find them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.models import Model

from governance.domain.rules import require
from governance.kernel.errors import Invalid
from governance.models import User

from ...models import SUBJECTS, ChangeItem, ChangeRequest, Operation


@dataclass(frozen=True)
class ItemSpec:
    """One object to change: the subject, what is done to it, and the new values of its fields."""

    subject: Any
    operation: str
    patch: Mapping[str, Any] = field(default_factory=dict)


class Kind:
    """One sort of object in a change. What a sort does not fill does nothing, and it is not changed field by field.

    Each hook is called inside the change's own command and transaction. ``base``, ``checked`` and what they answer are
    JSON values by column; ``mandate_for`` in ``..mandates`` proves to the left-hand command that it was authorised.
    """

    #: The column of ``ChangeItem`` that names it; REST names it with the same word.
    column: ClassVar[str]
    #: How people call it, with the article.
    words: ClassVar[str]
    operations: ClassVar[tuple[str, ...]] = (Operation.CREATE, Operation.UPDATE)
    #: The fields that a patch may name; empty where it is not changed field by field.
    fields: ClassVar[tuple[str, ...]] = ()
    #: The fields whose values are shown to those who may read them only, and never enter the audit.
    hidden: ClassVar[tuple[str, ...]] = ()
    #: How a program names one, for the refusal of a wrong name.
    example: ClassVar[str] = ""

    def named(self, name: str, *, actor: User) -> Any:
        """The object by the name that people and programs use. Raises ``NotFound``, ``Invalid``."""
        raise Invalid(f"{self.words.capitalize()} is not put into a change by name.", errors={"items": [self.column]})

    def spec_named(self, name: str, operation: str, patch: Mapping[str, Any], *, actor: User) -> ItemSpec:
        """What a program asks for; a sort whose object is made with the change answers with an unsaved one."""
        return ItemSpec(self.named(name, actor=actor), operation, patch)

    def name_of(self, subject: Any) -> str:
        """The same name, for answers."""
        return str(getattr(subject, "key", subject.pk))

    def require_may_open(self, spec: ItemSpec, actor: User) -> None:
        """Whoever may ask for its change; unless said otherwise the board's own people."""
        require(actor, "open", ChangeRequest)

    def check(self, spec: ItemSpec) -> None:
        """Is there anything to ask for? Raises ``Invalid``, and ``WrongState`` where no change is needed."""

    def planned(self, spec: ItemSpec, *, now: dt.datetime, actor: User) -> ItemSpec:
        """Inside the transaction that opens the change: keep an object that is made with it, in its draft state."""
        return spec

    def base(self, subject: Any) -> dict[str, Any]:
        """What is stored now, by every field that may be patched."""
        return {}

    def stored(self, subject: Any, names: Iterable[str]) -> dict[str, Any]:
        """What is stored now by these fields, those that a patch may name besides ``base`` among them."""
        known = self.base(subject)
        return {name: known.get(name) for name in names}

    def checked(self, subject: Any, patch: Mapping[str, Any]) -> dict[str, Any]:
        """The patch as the values that would be stored. Raises ``Invalid`` beside each field that is not sound."""
        if patch:
            known = ", ".join(self.fields) or "nothing of it"
            said = f"{', '.join(sorted(patch))} of {self.words} cannot be changed: {known} can."
            raise Invalid(said, errors={name: ["not a field"] for name in patch})
        return {}

    def starts_from(self, spec: ItemSpec) -> tuple[dict[str, Any], dict[str, Any]]:
        """``(base, patch)`` of a new item. A creation carries every value, so that a voter reads all of it."""
        changed = self.checked(spec.subject, spec.patch)
        wanted = {**self.base(spec.subject), **changed} if spec.operation == Operation.CREATE else changed
        return self.stored(spec.subject, wanted), wanted

    def content(self, subject: Any) -> str:
        """The hash of what voters say yes to besides the patch."""
        return ""

    def facts(self, item: ChangeItem) -> dict[str, Any]:
        """What table T4 is told of an object that touches no interface: tier, phi, external, financial."""
        return {}

    def owners(self, items: Sequence[ChangeItem]) -> dict[Any, set[Any]]:
        """By item, who answers for an object that touches no interface: ``("team", id)`` or ``("person", id)``."""
        return {}

    def refresh(self, item: ChangeItem) -> None:
        """At submission of a draft: take over what may still be edited beside the change. Raises ``Conflict``."""

    def submit(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        """The board is asked: hand the objects to review."""

    def approve(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        """The last needed vote was cast."""

    def reject(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        """The board said no."""

    def send_back(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        """The change was taken back: the objects return to where they were."""

    def reopen(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        """A rejected change is a draft again, and so are its objects."""

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        """Carry them out, under the change's mandate. Raises ``Conflict`` with field, base, stored and wanted."""

    def may_read(self, subject: Any, actor: User) -> bool:
        """May ``actor`` read the values of the ``hidden`` fields of this object?"""
        return True


_kinds: dict[str, Kind] = {}
_columns: dict[type[Model], str] = {ChangeItem._meta.get_field(name).related_model: name for name in SUBJECTS}  # type: ignore[misc]


def register_kind(kind: Kind) -> None:
    """State, once and at start, how changes treat one sort of object."""
    _kinds[kind.column] = kind


def kinds() -> dict[str, Kind]:
    """Every sort by its column, in the order in which items name them."""
    return {column: _kinds[column] for column in SUBJECTS if column in _kinds}


def column_of(subject: Any) -> str:
    """The column of an item that names this object."""
    return _columns[type(subject)]


def kind_of(subject: Any) -> Kind:
    return _kinds[column_of(subject)]


def kind_of_item(item: ChangeItem) -> Kind:
    """Without reading the object itself."""
    return _kinds[next(column for column in SUBJECTS if getattr(item, f"{column}_id") is not None)]


def by_kind(items: Sequence[ChangeItem]) -> list[tuple[Kind, list[ChangeItem]]]:
    """The items of one change, sort by sort, each in the change's order."""
    found: dict[str, list[ChangeItem]] = {}
    for item in items:
        found.setdefault(kind_of_item(item).column, []).append(item)
    return [(kind, found[column]) for column, kind in _kinds.items() if column in found]
