"""Pages of downloads, trials and updates, and what machines ask for."""
