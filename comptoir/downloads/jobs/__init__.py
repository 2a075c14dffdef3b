"""What a worker does: news of releases, what is to be installed, trials that were bought or end."""

from . import forgetting, news, reminding, trials

__all__ = ["forgetting", "news", "reminding", "trials"]
