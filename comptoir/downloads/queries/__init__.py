"""Reads of what is published, downloaded, tried and installed. The actor comes first and is the first filter."""

from .releases import Releases

__all__ = ["Releases"]
