"""The sorts of objects that a change may carry, a module each; ``registered`` names them all, once, at start."""

from .base import ItemSpec, Kind, by_kind, column_of, kind_of, kind_of_item, kinds, register_kind

__all__ = ["ItemSpec", "Kind", "by_kind", "column_of", "kind_of", "kind_of_item", "kinds", "register_kind"]
