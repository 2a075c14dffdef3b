"""What web and work refuse to start with: one sentence each, and nothing runs."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from comptoir.environment import PaymentSettings
from comptoir.kernel.safety import problems
from conftest import FreshDatabase
from tests.database import SERVER, named

STRONG = "correct horse battery staple 0123456789 abcdefghijklmnop"
SAFE = {
    "MODE": "production",
    "SANDBOX": False,
    "DEBUG": False,
    "SECRET_KEY": STRONG,
    "BASE_URL": "https://comptoir.example",
    "EMAIL_HOST": "mail.example",
    "PAYMENTS": PaymentSettings("", "", "", ""),
}


@pytest.fixture
def production(settings: Any, db: None) -> Any:
    for name, value in SAFE.items():
        setattr(settings, name, value)
    return settings


def test_a_safe_production_starts(production: Any) -> None:
    assert problems() == []


def test_a_sandbox_on_this_machine_starts(db: None) -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", True, "COMPTOIR_DEBUG is on"),
        ("SECRET_KEY", "short", "COMPTOIR_SECRET is too weak"),
        ("SECRET_KEY", "a" * 60, "COMPTOIR_SECRET is too weak"),
        ("BASE_URL", "http://comptoir.example", "over https:// only"),
        ("EMAIL_HOST", "", "COMPTOIR_SMTP_URL is missing"),
        ("MODE", "prod", "COMPTOIR_MODE is 'prod'"),
        ("PAYMENTS", PaymentSettings("sandbox", "", "", ""), "COMPTOIR_PAYMENT_PROVIDER is sandbox in production"),
    ],
)
def test_an_unsafe_production_is_refused(name: str, value: object, sentence: str, production: Any) -> None:
    setattr(production, name, value)
    (found,) = problems()
    assert sentence in found


def test_a_fail_point_is_refused_in_production(production: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "door.acted:kill")
    assert ["COMPTOIR_FAILPOINT is set in production" in sentence for sentence in problems()] == [True]


def test_a_sandbox_is_refused_at_a_public_address(settings: Any, db: None) -> None:
    settings.BASE_URL = "https://comptoir.example"
    assert ["a sandbox, which signs anybody in" in sentence for sentence in problems()] == [True]


def test_every_reason_is_told_at_once(production: Any) -> None:
    production.DEBUG, production.EMAIL_HOST = True, ""
    assert len(problems()) == 2


@pytest.mark.parametrize(
    ("power", "sentence"),
    [
        ("ALTER ROLE {} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {} BYPASSRLS", "may bypass"),
        ("ALTER TABLE support_case OWNER TO {}", "owns the tables"),
        ("CREATE ROLE {0}_group BYPASSRLS; GRANT {0}_group TO {0}", "may bypass"),
    ],
)
def test_a_login_that_could_pass_the_wall_is_refused(power: str, sentence: str, fresh_database: FreshDatabase) -> None:
    made = f"comptoir_unsafe_{os.getpid()}"
    before = dict(connection.settings_dict)
    with psycopg.connect(named(SERVER.admin, fresh_database.name), autocommit=True) as server:
        server.execute(f"CREATE ROLE {made}; GRANT USAGE ON SCHEMA public TO {made}; {power.format(made)}".encode())
        try:
            connection.settings_dict["USER"] = server.info.user
            connections.close_all()
            with connection.cursor() as cursor:
                cursor.execute(f"SET SESSION AUTHORIZATION {made}")
            (found,) = problems()
        finally:
            connections.close_all()
            connection.settings_dict.update(before)
            server.execute(f"REASSIGN OWNED BY {made} TO CURRENT_USER; DROP OWNED BY {made}".encode())
            server.execute(f"DROP ROLE {made}; DROP ROLE IF EXISTS {made}_group".encode())
    assert f"the database login '{made}' {sentence}" in found


@pytest.mark.parametrize("command", ["web", "work"])
def test_an_unsafe_start_ends_with_status_two_and_the_reason(command: str, fresh_database: FreshDatabase) -> None:
    started = subprocess.run(
        [Path(sys.executable).with_name("comptoir"), command],
        env={**os.environ, "DATABASE_URL": fresh_database.app_url, "COMPTOIR_FAILPOINT": "no.such:kill"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 2
    assert "COMPTOIR_FAILPOINT names 'no.such'" in started.stderr
    assert "Traceback" not in started.stderr
