"""`comptoir migrate`: the tables of this version, the cache's table, and the restricted login with its rights."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connection, transaction

from comptoir.kernel.logins import LoginError
from comptoir.kernel.restricted_login import have_restricted_login

ONE_AT_A_TIME = 7_246_001  # key of the advisory lock: any number of our own


class Command(DjangoMigrate):
    """Django's migrate, one at a time over all machines, then the rights of the restricted login."""

    help = "Bring the database to this version, with the restricted login that web and work use."

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then grant; with --plan or --check nothing is changed."""
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        turn = connection.copy()
        try:
            with turn.cursor() as cursor:
                # In a transaction of a second connection: the migrations commit on the first, and a pooler in
                # transaction mode keeps this lock in place where a session's lock would wander.
                cursor.execute("BEGIN")
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
                super().handle(*args, **options)
                call_command("createcachetable", verbosity=0)
                with transaction.atomic():
                    have_restricted_login()
        except LoginError as reason:
            raise CommandError(str(reason)) from None
        finally:
            turn.close()
