"""The only code that brings over what the old centre held."""

from .centre import Undone, bring_over, digest_of, import_centre

__all__ = ["Undone", "bring_over", "digest_of", "import_centre"]
