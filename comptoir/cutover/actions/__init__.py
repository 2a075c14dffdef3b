"""The only code that brings over what the old centre held."""

from .centre import Undone, import_centre

__all__ = ["Undone", "import_centre"]
