"""The tables. Times are database time, always; JSON columns hold what is shown, never what is searched."""

from __future__ import annotations

from robots.store.schema.approvals import ANSWERS, approvals
from robots.store.schema.audit import audit_chain, audit_events
from robots.store.schema.base import metadata
from robots.store.schema.effects import EFFECT_STATES, effect_history, effects
from robots.store.schema.evidence import evidence_keys
from robots.store.schema.handovers import WAYS, handover_work, sheet_work, sheets
from robots.store.schema.mornings import PAGE_STATES, accepted_pages, mornings
from robots.store.schema.portal import (
    accounts,
    api_keys,
    failed_logins,
    login_attempts,
    portal_sessions,
    start_requests,
    task_rules,
)
from robots.store.schema.retention import past_effects, retention_log, retention_nights
from robots.store.schema.schedules import START_STATES, kept_calendars, letters, schedules, start_runs, starts
from robots.store.schema.systems import BREAKER_STATES, breaker_history, breakers, login_sessions, refused_secrets
from robots.store.schema.task_versions import task_versions
from robots.store.schema.telling import (
    MESSAGE_STATES,
    messages,
    news,
    signs_of_life,
    standing_faults,
    telling_positions,
    tellings,
)
from robots.store.schema.webhooks import webhook_deliveries, webhooks
from robots.store.schema.work import (
    OUTCOMES,
    RUN_STATES,
    attempts,
    batch_rows,
    batches,
    orders,
    outcomes,
    pauses,
    run_events,
    runs,
    seat_waits,
    seats,
    workers,
)

__all__ = [
    "ANSWERS",
    "BREAKER_STATES",
    "EFFECT_STATES",
    "MESSAGE_STATES",
    "OUTCOMES",
    "PAGE_STATES",
    "RUN_STATES",
    "START_STATES",
    "WAYS",
    "accepted_pages",
    "accounts",
    "api_keys",
    "approvals",
    "attempts",
    "audit_chain",
    "audit_events",
    "batch_rows",
    "batches",
    "breaker_history",
    "breakers",
    "effect_history",
    "effects",
    "evidence_keys",
    "failed_logins",
    "handover_work",
    "kept_calendars",
    "letters",
    "login_attempts",
    "login_sessions",
    "messages",
    "metadata",
    "mornings",
    "news",
    "orders",
    "outcomes",
    "past_effects",
    "pauses",
    "portal_sessions",
    "refused_secrets",
    "retention_log",
    "retention_nights",
    "run_events",
    "runs",
    "schedules",
    "seat_waits",
    "seats",
    "sheet_work",
    "sheets",
    "signs_of_life",
    "standing_faults",
    "start_requests",
    "start_runs",
    "starts",
    "task_rules",
    "task_versions",
    "telling_positions",
    "tellings",
    "webhook_deliveries",
    "webhooks",
    "workers",
]
