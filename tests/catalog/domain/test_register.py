"""What lists ask of the register: the database's own columns agree with the records, and a search looks at both."""

import pytest

from catalog.models import Interface
from tests.factories import catalog as make


@pytest.mark.parametrize(
    ("classes", "carried"),
    [([], False), (["PUBLIC"], False), (["PHI"], True), (["PUBLIC", "PHI"], True), (["PHILOSOPHY"], False)],
)
def test_carrying_phi_follows_the_classes_however_they_are_written(cast, classes, carried):
    subject = make.interface(cast, data_classes=["PUBLIC"] if carried else ["PHI"])
    Interface.objects.filter(pk=subject.pk).update(data_classes=classes)
    subject.refresh_from_db()
    assert (subject.carries_phi, subject.phi) == (carried, carried)
    assert Interface.objects.filter(carries_phi=carried).count() == 1


def test_search_looks_into_key_name_and_the_names_of_the_systems(cast):
    subject = make.interface(cast, name="Result 100% sent")
    other = make.interface(cast, "IF-OTH-001", name="Another")

    def found(text):
        return set(Interface.objects.named(text).values_list("key", flat=True))

    assert found("if-lab") == found("100%") == found("RESULT") == {subject.key}
    assert found(other.source.name.upper()) == {subject.key, other.key}
    assert found("%") == {subject.key}
    assert found("nowhere") == set()
