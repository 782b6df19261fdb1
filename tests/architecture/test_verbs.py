"""A view that is put together from several classes says each of its verbs once: a second one would win in silence."""

from collections.abc import Iterator

import pytest
from django.urls import get_resolver
from rest_framework.viewsets import ViewSetMixin

from .tree import APPS


def views(kind: type = ViewSetMixin) -> Iterator[type]:
    assert get_resolver().url_patterns  # loads every door
    for made in kind.__subclasses__():
        yield from views(made)
        if made.__module__.partition(".")[0] in APPS:
            yield made


def sayers(view: type, verb: str) -> list[str]:
    """The classes of ours that define the extra action ``verb`` of this view."""
    return [base.__qualname__ for base in view.__mro__ if hasattr(vars(base).get(verb), "mapping")]


def twice(view: type) -> dict[str, list[str]]:
    verbs = {name for base in view.__mro__ for name, one in vars(base).items() if hasattr(one, "mapping")}
    return {verb: said for verb in sorted(verbs) if len(said := sayers(view, verb)) > 1}


@pytest.mark.parametrize("view", sorted(set(views()), key=str), ids=lambda view: view.__qualname__)
def test_a_view_says_each_verb_once(view):
    assert twice(view) == {}


def test_a_verb_said_twice_is_found():
    class One:
        def speak(self) -> None: ...

        speak.mapping = {"get": "speak"}  # type: ignore[attr-defined]

    class Other:
        speak = One.speak

    assert twice(type("Both", (One, Other), {})) == {"speak": [One.__qualname__, Other.__qualname__]}
