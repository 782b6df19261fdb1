"""Rooms that are not too full: the hard sizes of ARCHITECTURE."""

import ast

import pytest

from .tree import ROOT, modules

EVERY = modules() + modules("demo", "benchmarks")
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("module", EVERY, ids=lambda module: module.name)
def test_module_has_at_most_400_lines(module):
    assert module.lines <= 400


@pytest.mark.parametrize("module", EVERY, ids=lambda module: module.name)
def test_no_function_has_more_than_40_lines(module):
    """Counted without its docstring, which may say as much as it needs."""
    long = []
    for node in ast.walk(module.tree):
        if isinstance(node, FUNCTIONS):
            lines = node.end_lineno - node.lineno + 1
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                lines -= first.end_lineno - first.lineno + 1
            if lines > 40:
                long.append(f"{node.name}: {lines}")
    assert long == []


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_test_file_has_at_most_300_lines(path):
    assert len(path.read_text().splitlines()) <= 300


def test_kernel_stays_small():
    assert sum(module.lines for module in modules("governance/kernel")) <= 500


def test_no_module_is_named_for_nothing():
    shapeless = {"utils", "helpers", "misc", "common", "manager", "base_views"}
    assert [module.name for module in EVERY if shapeless & set(module.parts)] == []
