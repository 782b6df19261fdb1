"""The two axes of docs/adr and ARCHITECTURE: between apps to the left only, inside an app to the layers above only."""

import pytest

from .tree import APPS, LAYERS, layer_of, modules

EVERY = modules()


def broken_rule(importer: tuple[str, ...], imported: tuple[str, ...]) -> str:
    """Why this import is not allowed; empty when it is."""
    mine, theirs = layer_of(importer), layer_of(imported)
    if mine == "project" or imported[0] not in APPS or len(imported) < 2:
        return ""
    if theirs == "kernel":
        return ""
    if mine == "kernel":
        return "the kernel is below everything"
    if theirs == "project":
        return "nothing imports the project's own files"
    if theirs == "shared":
        return "" if mine in ("doors", "shared") else "only doors import governance/doors"
    if mine == "shared":
        return "" if imported[0] == "governance" and theirs in ("models", "domain") else "doors/ knows governance only"
    if importer[0] == imported[0]:
        return "" if LAYERS[theirs] <= LAYERS[mine] else f"{mine} is above {theirs}"
    if APPS.index(imported[0]) > APPS.index(importer[0]):
        return f"{imported[0]} is on the right of {importer[0]}"
    if mine == "words":
        return "words and tables know the kernel only"
    return "" if theirs in ("models", "domain") else f"of another app only models and domain, not {theirs}"


@pytest.mark.parametrize("module", EVERY, ids=lambda module: module.name)
def test_module_imports_only_what_its_place_allows(module):
    broken = [
        f"line {line}: {name}: {reason}"
        for name, line in module.imports()
        if (reason := broken_rule(module.parts, tuple(name.split("."))))
    ]
    assert broken == []


def test_every_module_has_a_layer():
    assert [module.name for module in EVERY if layer_of(module.parts) == "unknown"] == []


def test_rule_refuses_what_it_is_there_to_refuse():
    assert broken_rule(("catalog", "domain", "x"), ("approvals", "models", "y"))
    assert broken_rule(("approvals", "domain", "x"), ("catalog", "api", "y"))
    assert broken_rule(("catalog", "domain", "x"), ("catalog", "web", "y"))
    assert broken_rule(("catalog", "domain", "x"), ("governance", "doors", "http"))
    assert broken_rule(("governance", "kernel", "x"), ("governance", "models", "y"))
    assert not broken_rule(("approvals", "domain", "x"), ("catalog", "domain", "y"))


FORBIDDEN = {
    "words": ("django", "rest_framework", "celery"),
    "kernel": ("django.http", "django.shortcuts", "rest_framework", "celery"),
    "domain": ("celery", "rest_framework", "django.http", "django.shortcuts"),
    "models": ("celery", "rest_framework", "django.http"),
}


@pytest.mark.parametrize("module", EVERY, ids=lambda module: module.name)
def test_module_keeps_frameworks_where_they_belong(module):
    refused = FORBIDDEN.get(layer_of(module.parts), ())
    found = [
        f"line {line}: {name}"
        for name, line in module.imports()
        if any(name == word or name.startswith(f"{word}.") for word in refused)
    ]
    assert found == []


def test_only_rules_and_permission_models_ask_guardian():
    asking = {module.name for module in EVERY for name, _ in module.imports() if name.startswith("guardian.")}
    assert asking == {"governance.domain.rules", "governance.models.board", "catalog.models.places"}


def test_only_approvals_constructs_mandates():
    made = {module.name for module in EVERY if "Mandate(" in module.path.read_text()}
    assert made == {"approvals.domain.mandates", "governance.kernel.mandate"} - {"governance.kernel.mandate"}
