"""The classes of record: what belongs to each, and from when its time counts. Every table has one, or a reason.

Most classes are rows that go when they are old. Runs and their evidence go case by case (``cases.py``), the audit from
its beginning (``carrying_out.py``), and some are files (``files.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

RUNS, EVIDENCE, HANDOVERS, AUDIT = "körningar", "underlag", "överlämningar", "händelselogg"
BACKUPS, LOGS, PUT_ASIDE, SHEETS = "säkerhetskopior", "loggar", "undanflyttat", "ark"
TRACES = "spår"
REMOVED_WORDS = "(gallrat)"


@dataclass(frozen=True)
class Step:
    """Rows of one table that go once ``at`` lies before the line, if ``only`` holds; ``:line`` is that moment.

    ``t`` is the table. ``after`` tells that what points to the row is gone. With ``set_to`` the rows stay, and lose
    what they say.
    """

    table: str
    at: str
    only: str = "true"
    after: str = "true"
    set_to: str = ""


@dataclass(frozen=True)
class RecordClass:
    """``holds`` and ``since`` are words for people: what it is, and from when the time counts.

    ``steps`` are made in their order, each to its end. ``tables`` are all that its rows lie in.
    """

    holds: str
    since: str
    steps: tuple[Step, ...] = ()
    tables: tuple[str, ...] = ()


_OLD_BATCH = (
    "b.created_at < :line and not exists (select from batch_rows u join runs r on r.id = u.run_id"
    " where u.batch_id = b.id and r.finished_at is null)"
)

CLASSES: dict[str, RecordClass] = {
    EVIDENCE: RecordClass(
        "bilder och rapporter av körningar, med den nyckel som öppnar dem", "ärendets senaste körning avslutades",
        tables=("evidence_keys",),
    ),
    TRACES: RecordClass("fullständiga spår; de är borta efter en vecka vad som än är beslutat", "spåret togs"),
    HANDOVERS: RecordClass(
        "det som en person har skrivit att den gjorde i stället för roboten", "det överlämnade avslutades",
        (Step("handover_work", "t.closed_at", f"t.done <> '{REMOVED_WORDS}'", set_to=f"done = '{REMOVED_WORDS}'"),),
    ),
    "startbegäran": RecordClass(
        "vad en sida eller ett program bad om, så att samma begäran är en körning", "det begärdes",
        (Step("start_requests", "t.at"),),
    ),
    SHEETS: RecordClass(
        "Excelark som lämnats i portalen, med sin fil", "arket lämnades",
        (Step("sheets", "t.at"),),
        ("sheet_work",),  # goes with its sheet
    ),
    "buntar": RecordClass(
        "buntar av körningar ur Excel, rad för rad", "bunten startades, när alla dess körningar är avslutade",
        (
            Step("sheets", "(select max(b.created_at) from batches b where b.id in (t.batch_id, t.trial_id))",
                 f"not exists (select from batches b where b.id in (t.batch_id, t.trial_id) and not ({_OLD_BATCH}))"),
            Step("batch_rows", "(select b.created_at from batches b where b.id = t.batch_id)",
                 f"exists (select from batches b where b.id = t.batch_id and {_OLD_BATCH})"),
            Step("batches", "t.created_at", f"exists (select from batches b where b.id = t.id and {_OLD_BATCH})",
                 "not exists (select from batch_rows u where u.batch_id = t.id)"
                 " and not exists (select from sheets s where t.id in (s.batch_id, s.trial_id))"
                 " and not exists (select from start_requests q where q.batch_id = t.id)"),
        ),
    ),
    "kön": RecordClass(
        "köns egna anteckningar om körningar som är avslutade", "körningen avslutades",
        (
            Step(
                "procrastinate_jobs", "(select max(e.at) from procrastinate_events e where e.job_id = t.id)",
                "t.status in ('succeeded', 'failed', 'cancelled', 'aborted')"
                " and not exists (select from runs r where r.key = t.queueing_lock and r.finished_at is null)",
            ),
        ),
        ("procrastinate_events",),
    ),
    RUNS: RecordClass(
        "körningar med uppgifter, steg, åtgärder, kvittenser, svar, frågor och utfall",
        "ärendets senaste körning avslutades",
        tables=(
            "runs", "attempts", "seats", "seat_waits", "run_events", "outcomes", "effects", "effect_history",
            "approvals", "handover_work", "mornings", "letters",
        ),
    ),
    "meddelanden": RecordClass(
        "nyheter och meddelanden till dem som robotarna berättar för", "meddelandet gjordes",
        (
            Step("tellings", "(select m.made_at from messages m where m.id = t.message_id"
                 " and m.state in ('sent', 'given_up'))"),
            Step("webhook_deliveries", "t.made_at", "t.state in ('sent', 'given_up') or"
                 " exists (select from webhooks w where w.id = t.webhook_id and w.ended_at is not null)"),
            Step("messages", "t.made_at", "t.state in ('sent', 'given_up')",
                 "not exists (select from tellings x where x.message_id = t.id)"),
            Step("news", "t.noted_at", "not exists (select from tellings x left join messages m on m.id = x.message_id"
                 " where x.news_id = t.id and (m.state is null or m.state in ('waiting', 'sending')))",
                 "not exists (select from tellings x where x.news_id = t.id)"),
        ),
    ),
    "scheman": RecordClass(
        "starter av scheman och vad som blev av dem", "starten noterades",
        (
            Step("start_runs", "(select s.noted_at from starts s where s.id = t.start_id"
                 " and s.state not in ('due', 'asked'))",
                 "exists (select from runs r where r.id = t.run_id and r.finished_at is not null)"),
            Step("starts", "t.noted_at", "t.state not in ('due', 'asked')",
                 "not exists (select from start_runs x where x.start_id = t.id)"),
        ),
    ),
    "drift": RecordClass(
        "det som personer har beordrat, säkringar som har löst ut, och workrar som har slutat", "det hände",
        (
            Step("orders", "t.at"),
            Step("breaker_history", "t.at"),
            Step("workers", "t.ended_at", "not exists (select from attempts a where a.worker_id = t.id)"),
        ),
    ),
    "inloggningar": RecordClass(
        "portalens sessioner och misslyckade inloggningar", "sessionen tog slut, eller försöket gjordes",
        (Step("portal_sessions", "t.ends_at"), Step("login_attempts", "t.at"), Step("failed_logins", "t.at")),
    ),
    "robotinloggningar": RecordClass(
        "robotarnas sessioner i systemen, krypterade", "sessionen senast förnyades",
        (Step("login_sessions", "t.renewed_at"),),
    ),
    AUDIT: RecordClass(
        "händelseloggen: vem som har gjort och tittat på vad", "det skrevs",
        tables=("audit_events", "audit_chain"),
    ),
    BACKUPS: RecordClass("säkerhetskopior i backup_folder; den senaste är alltid kvar", "kopian gjordes"),
    PUT_ASIDE: RecordClass("det som en återställning har flyttat undan (undan-…)", "det flyttades"),
    LOGS: RecordClass("programmens loggfiler", "filen senast skrevs"),
}  # fmt: skip

# What is no record of anybody's case: it says how things are now, and goes when that changes.
KEPT: dict[str, str] = {
    "accepted_pages": "sidorna som de ska se ut; skrivs över",
    "accounts": "de som får använda portalen; en administratör stänger av dem",
    "alembic_version": "tabellernas version",
    "api_keys": "nycklar till API; hör till kontot",
    "breakers": "säkringar som är lösta nu",
    "kept_calendars": "kalendern",
    "past_effects": "minnet av att en ändring är gjord, som summor: utan det kunde den göras en gång till",
    "webhooks": "adresser som program låter sig kallas på; hör till kontot",
    "pauses": "det som är pausat nu",
    "procrastinate_periodic_defers": "används inte",
    "procrastinate_workers": "workrar som är igång",
    "refused_secrets": "avtryck av lösenord som ett system har nekat, tills de byts",
    "retention_log": "vad som är gallrat",
    "retention_nights": "när det gallrades",
    "schedules": "scheman som de är nu",
    "signs_of_life": "när delarna senast hördes av",
    "standing_faults": "filer som är fel nu",
    "task_rules": "vem som får starta vad",
    "task_versions": "uppgifternas filer och vem som har godkänt dem",
    "telling_positions": "hur långt nyheterna är lästa",
}
