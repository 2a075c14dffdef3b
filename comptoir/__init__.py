"""Comptoir: the account portal that a software vendor runs for its customers."""
