"""Any Django command, for developers (makemigrations, check, shell), with the owner's login: never for production."""

import os
import sys

from django.core.management import execute_from_command_line

from comptoir.command import Login, database

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.settings")
    with database(Login.OWNER):
        execute_from_command_line(sys.argv)
