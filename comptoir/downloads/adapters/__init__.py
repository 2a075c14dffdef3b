"""What Django's uploads, its storages and the signing library call, and what they are called with."""
