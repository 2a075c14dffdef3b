"""What `comptoir verify` recomputes of the kernel: the chains of the log, the walls, the guards, what was asked and sent."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from django.apps import apps
from django.db import connection, models

from .models import Chain, Event
from .recording import hash_of
from .verifying import check, check_by

BATCH = 5_000
APPEND_ONLY = ("kernel_event", "subscriptions_seatentry", "subscriptions_orderline")


@check_by("log_chain_unbroken", "Every line of an activity log holds the hash of the line before it, and its own is right.")
def broken_chains() -> Iterator[str]:
    """Chains whose hashes, numbers or head are not what the lines say."""
    heads = {name: (seq, last) for name, seq, last in Chain.objects.values_list("chain", "seq", "hash")}
    for name, lines in groupby(_lines(), key=lambda line: line.chain):
        seq, last = 0, ""
        for line in lines:
            if (line.seq, line.previous, line.hash) != (seq + 1, last, hash_of(line)):
                yield f"{name}: line {line.seq} does not follow from line {seq}, or was changed"
            seq, last = line.seq, line.hash
        if heads.pop(name, None) != (seq, last):
            yield f"{name}: its head is not its last line, {seq}"
    yield from (f"{name}: has a head at line {seq} and no lines" for name, (seq, _hash) in heads.items())


def _lines() -> Iterator[Event]:
    at: tuple[str, int] = ("", 0)
    while True:
        after = models.Q(chain__gt=at[0]) | models.Q(chain=at[0], seq__gt=at[1])
        batch = list(Event.objects.filter(after).order_by("chain", "seq")[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        at = (batch[-1].chain, batch[-1].seq)


check(
    "log_line_in_its_chain",
    "A line of the log stands in the chain of its customer or person.",
    """
    SELECT chain || ' line ' || seq FROM kernel_event
    WHERE chain <> CASE WHEN organisation_id IS NOT NULL THEN 'c:' || organisation_id
                        WHEN person_id IS NOT NULL THEN 'p:' || person_id ELSE 'h' END
    """,
)
check(
    "walls_stand",
    "Every table with a customer's rows has row-level security, forced on its owner, with a policy for reading and writing.",
    """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    WHERE c.relkind IN ('r', 'p')
      AND (c.relname IN ('organisations_organisation', 'identity_person', 'identity_oldsignin')
           OR EXISTS (SELECT 1 FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attname = 'organisation_id' AND NOT a.attisdropped))
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*'
                           AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL)
               AND 2 = (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('w', 'd')
                        AND NOT p.polpermissive AND p.polqual IS NOT NULL))
    """,
)
check(
    "guards_are_on",
    "No trigger is switched off, no constraint is unproven, and what is append-only still is.",
    """
    SELECT 'trigger ' || tgname || ' is off' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' WHERE t.tgenabled IN ('D', 'R')
    UNION ALL
    SELECT 'constraint ' || conname || ' is not proven' FROM pg_constraint k
    JOIN pg_namespace n ON n.oid = k.connamespace AND n.nspname = 'public' WHERE NOT k.convalidated
    UNION ALL
    SELECT 'table ' || name || ' is no longer append-only' FROM unnest(ARRAY['{}']) AS name
    WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = to_regclass(name) AND t.tgname = name || '_rows_stay')
    """.format("', '".join(APPEND_ONLY)),
)


def owned_references() -> Iterator[tuple[str, str, str]]:
    """Every (table, column, table that it points to) between two tables of customers."""
    for model in apps.get_models():
        names = {field.attname for field in model._meta.local_concrete_fields}
        if "organisation_id" not in names:
            continue
        for field in model._meta.local_concrete_fields:
            other = field.related_model
            if not isinstance(other, type) or not issubclass(other, models.Model) or field.attname == "organisation_id":
                continue
            if "organisation_id" in {there.attname for there in other._meta.local_concrete_fields}:
                yield model._meta.db_table, field.attname, other._meta.db_table


@check_by("rows_within_customer", "What a customer's row points to belongs to the same customer.")
def rows_across_customers() -> Iterable[str]:
    """Rows that point into another customer, and references that no foreign key guards."""
    texts: list[str] = []
    with connection.cursor() as cursor:
        for table, column, other in owned_references():
            cursor.execute("SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conname = %s", [f"{table}_{column}_wall"])
            if cursor.fetchone() is None:
                texts.append(f"{table}.{column} has no foreign key that keeps it within its customer")
            cursor.execute(
                f"SELECT t.id FROM {table} t WHERE t.{column} IS NOT NULL AND NOT EXISTS "
                f"(SELECT 1 FROM {other} o WHERE o.id = t.{column} AND o.organisation_id = t.organisation_id)"
            )
            texts.extend(f"{table} {pk}: {column} is not this customer's" for (pk,) in cursor.fetchall())
    return texts


@check_by("request_results_exist", "What a request key says was made is there.")
def lost_results() -> Iterator[str]:
    """Request keys whose result is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(result #>> '{}', ':', 1), array_agg(id), array_agg(split_part(result #>> '{}', ':', 2)) "
            "FROM kernel_requestkey WHERE result #>> '{}' IS NOT NULL GROUP BY 1"
        )
        for name, keys, rows in cursor.fetchall():
            model = apps.get_model(name)
            if getattr(model, "may_go", False):  # what somebody deletes is gone for the twin of its request too
                continue
            known = {str(pk) for pk in model._default_manager.filter(pk__in=rows).values_list("pk", flat=True)}
            yield from (
                f"request key {key}: {name} {row} is gone" for key, row in zip(keys, rows, strict=True) if row not in known
            )


check(
    "requests_decided_once",
    "A decided request has exactly one line in the log that says so, and an open one has none.",
    """
    SELECT 'request ' || a.id || ' is ' || a.state FROM kernel_askedverb a
    WHERE (SELECT count(*) FROM kernel_event e WHERE e.organisation_id = a.organisation_id
           AND e.subject = 'kernel.askedverb:' || a.id AND e.kind IN ('request.approved', 'request.declined', 'request.withdrawn')
           AND e.kind = 'request.' || a.state) <> CASE a.state WHEN 'open' THEN 0 ELSE 1 END
       OR (SELECT count(*) FROM kernel_event e WHERE e.organisation_id = a.organisation_id
           AND e.subject = 'kernel.askedverb:' || a.id AND e.kind = 'request.asked') <> 1
       OR (a.state = 'open') <> (a.decided_by_id IS NULL AND a.result IS NULL)
       OR a.state IN ('declined', 'withdrawn') AND a.result IS NOT NULL
    """,
)
check(
    "mail_noted",
    "A mail that was handed over says when; one that waits has a job that will hand it over.",
    """
    SELECT 'message ' || m.id FROM kernel_message m
    WHERE (m.state = 'waiting') <> (m.handed_over_at IS NULL)
       OR m.state = 'waiting' AND NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')
            AND j.args -> 'arguments' ->> 'once' = m.once)
    """,
)
