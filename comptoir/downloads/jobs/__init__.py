"""What a worker does: news of releases, what is to be installed, trials that were bought or end."""

from . import news, reminding, trials

__all__ = ["news", "reminding", "trials"]
