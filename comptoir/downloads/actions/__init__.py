"""The only code that writes releases, downloads, trials and updates."""

from .importing import import_releases

__all__ = ["import_releases"]
