"""``/health/live``, ``/health/ready`` and ``/metrics``, for whatever web server this process has."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from robots.watching.health import Health
from robots.watching.metrics import Metrics

NOT_WELL = 503


def watching(health: Health) -> APIRouter:
    """The routes of one process. They tell nothing of a person or a case, and must be reachable from inside only."""
    router, metrics = APIRouter(), Metrics(health.settings, health.store)

    @router.get("/health/live")
    def live() -> Response:
        why = health.not_live()
        return JSONResponse({"live": not why, "why": why}, NOT_WELL if why else 200)

    @router.get("/health/ready")
    def ready() -> Response:
        why, notes = health.not_ready()
        return JSONResponse({"ready": not why, "why": why, "notes": notes}, NOT_WELL if why else 200)

    @router.get("/metrics")
    def figures() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router
