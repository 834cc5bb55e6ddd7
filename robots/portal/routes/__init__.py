"""The routes, a module for each part of the desk."""

from __future__ import annotations

from fastapi import APIRouter

from robots.portal.routes import (
    accounts,
    api_figures,
    audit,
    door,
    excel,
    handovers,
    machinery,
    messages,
    oidc,
    run,
    runs,
    schedules,
    settings,
    start,
    statistics,
    systems,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    door.router, oidc.router, run.router, runs.router, start.router, handovers.router, excel.router,
    *api_figures.ROUTERS,
    statistics.router, machinery.router, settings.router, systems.router, messages.router, schedules.router,
    webhooks.router, accounts.router, audit.router,
)  # fmt: skip
