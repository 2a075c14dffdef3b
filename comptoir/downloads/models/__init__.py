"""Rows of what is published, downloaded, tried and installed."""

from .downloads import Download, SecretAddress
from .releases import PublicFeed, Release, ReleaseFile
from .trials import Trial
from .updates import AssignedUpdate, Installed, News, NewsChoice

__all__ = [
    "AssignedUpdate",
    "Download",
    "Installed",
    "News",
    "NewsChoice",
    "PublicFeed",
    "Release",
    "ReleaseFile",
    "SecretAddress",
    "Trial",
]
