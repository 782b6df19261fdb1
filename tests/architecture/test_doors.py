"""A door calls one command or query: it never asks the database itself."""

import ast

import pytest

from .tree import layer_of, modules

DOORS = [module for module in modules() if layer_of(module.parts) in ("doors", "shared", "tasks")]
MANAGERS = {"objects", "_default_manager", "_base_manager"}
#: Functions of doors that ask a model itself, as "module.function", each with its reason.
ALLOWED: dict[str, str] = {}


def asking(tree):
    """The functions in which a model's manager stands, with the line.

    A class may name one: a viewset's ``queryset`` or a field's choices declare a set that a framework fills later,
    narrowed to what the actor sees. A function has the request before it and asks a query of ``domain/``.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for child in ast.walk(node):
                if isinstance(child, ast.Attribute) and child.attr in MANAGERS:
                    yield getattr(node, "name", "lambda"), child.lineno


@pytest.mark.parametrize("module", DOORS, ids=lambda module: module.name)
def test_door_asks_the_domain_and_not_a_model(module):
    found = {f"{module.name}.{name}": line for name, line in asking(module.tree)}
    assert {name: line for name, line in found.items() if name not in ALLOWED} == {}


def test_every_exception_is_still_needed():
    found = {f"{module.name}.{name}" for module in DOORS for name, _ in asking(module.tree)}
    assert sorted(ALLOWED.keys() - found) == []


def test_rule_refuses_what_it_is_there_to_refuse():
    view = "def page(request):\n    return [one for one in Probe.objects.filter(enabled=True)]"
    counter = "count_due('tables', lambda now: Table._default_manager.due(now).count())"
    declared = "class Probes(RegisterViewSet):\n    queryset = Probe.objects.all()"
    assert [name for name, _ in asking(ast.parse(view))] == ["page"]
    assert [name for name, _ in asking(ast.parse(counter))] == ["lambda"]
    assert list(asking(ast.parse(declared))) == []
