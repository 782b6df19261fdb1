"""JSON Schema contracts: draft-04, 06, 07, 2019-09 and 2020-12."""

from .format import JSON_SCHEMA

__all__ = ["JSON_SCHEMA"]
