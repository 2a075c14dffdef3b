"""A PostgreSQL of Comptoir's own, for machines where no server is given: see supervisor.py."""

from comptoir.kernel.local_postgres.account import LocalPostgresError
from comptoir.kernel.local_postgres.supervisor import APP_LOGIN, DATABASE, OWNER_LOGIN, LocalPostgres

__all__ = ["APP_LOGIN", "DATABASE", "OWNER_LOGIN", "LocalPostgres", "LocalPostgresError"]
