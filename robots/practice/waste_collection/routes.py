"""Renhållning Framtid: a shell with a work area in a frame, and cards in a frame within that."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, ClassVar

from fastapi import HTTPException, Request
from fastapi.responses import Response

from robots.practice.system import NewField
from robots.practice.waste_collection import views
from robots.practice.waste_collection.access import FramtidSystem
from robots.practice.waste_collection.booking import Booking
from robots.practice.waste_collection.grid import Grid
from robots.practice.waste_collection.state import CANCELLED, CARRIED_OUT, Order, Register, kronor

Page = Callable[[Request], Coroutine[Any, Any, Response]]
MENU = (
    ("kunder", "Kunder"),
    ("anlaggningar", "Anläggningar"),
    ("tjanster", "Tjänster"),
    ("bestallningar", "Beställningar"),
    ("korlistor", "Körlistor"),
)


class WasteCollection(FramtidSystem):
    key = "waste_collection"
    title = "Renhållning Framtid"
    path = "/renhallning"
    session_minutes = 20
    folder = Path(__file__).parent
    reworded: ClassVar[dict[str, str]] = {
        "Önskat datum": "Datum för tömning",
        "Meddelande till chauffören": "Meddelande till föraren",
    }
    new_field = NewField(
        "avisering", "Avisering", "Avisering: välj hur kunden ska få besked.", ("Sms", "E-post", "Ingen avisering")
    )
    names_in_attributes = frozenset({"data-for", "data-tab", "data-panel", "data-reload"})

    register: Register
    lists: dict[str, Grid]
    booking: Booking

    def add_pages(self) -> None:
        self.templates.globals.update(menu=MENU, kronor=kronor)
        self.booking = Booking(self)
        get = self.router.get
        get("/")(self.shell)
        get("/start")(self.start)
        get("/tomt")(self.nothing_chosen)
        for key, _ in MENU:
            get(f"/{key}")(self._list_page(key))
            get(f"/{key}/rows")(self._list_rows(key))
        get("/anlaggningar/{number}")(self.facility_card)
        get("/anlaggningar/{number}/{tab}/rows")(self.facility_rows)
        get("/kunder/{number}")(self.customer_card)
        get("/kunder/{number}/anlaggningar/rows")(self.customer_rows)
        get("/bestallningar/{number}")(self.order_card)
        get("/korlistor/{code}")(self.route_card)
        get("/korlistor/{code}/stopp/rows")(self.route_rows)

    def reset(self) -> None:
        self.register = Register(self.world.town)
        self.lists = {grid.address.removeprefix("/"): grid for grid in views.main_lists(self.register)}
        self.booking.wizards.clear()

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        def orders(facility: str) -> list[dict[str, Any]]:
            return [order.as_json() for order in self.register.orders_of(facility)]

        def carry_out(order: str) -> dict[str, Any]:
            return self._set_status(order, CARRIED_OUT).as_json()

        def cancel(order: str) -> dict[str, Any]:
            return self._set_status(order, CANCELLED).as_json()

        return {"orders": orders, "carry_out": carry_out, "cancel": cancel}

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    async def shell(self, request: Request) -> Response:
        return self.show(request, "shell.html")

    async def start(self, request: Request) -> Response:
        open_orders = sum(o.status not in (CARRIED_OUT, CANCELLED) for o in self.register.orders.values())
        return self.show(request, "start.html", open_orders=open_orders, today=self.world.today)

    async def nothing_chosen(self, request: Request) -> Response:
        return self.show(request, "nothing_chosen.html")

    async def facility_card(self, request: Request, number: str) -> Response:
        record = self.register.records.get(number)
        if record is None:
            return self.missing(request, "Anläggningen finns inte.")
        tabs = views.lists_of_facility(self.register, record)
        return self.show(request, "facility.html", record=record, facility=record.facility, tabs=tabs)

    async def facility_rows(self, request: Request, number: str, tab: str) -> Response:
        record = self.register.records.get(number)
        tabs = views.lists_of_facility(self.register, record) if record else []
        for grid in tabs:
            if grid.address.endswith(f"/{tab}"):
                return self._rows(request, grid)
        return self.missing(request)

    async def customer_card(self, request: Request, number: str) -> Response:
        record = self.register.by_customer.get(int(number)) if number.isdecimal() else None
        if record is None:
            return self.missing(request, "Kunden finns inte.")
        grid = views.facilities_of_customer(record)
        return self.show(request, "customer.html", record=record, customer=record.customer, grid=grid)

    async def customer_rows(self, request: Request, number: str) -> Response:
        record = self.register.by_customer.get(int(number)) if number.isdecimal() else None
        return self._rows(request, views.facilities_of_customer(record)) if record else self.missing(request)

    async def order_card(self, request: Request, number: str) -> Response:
        order = self.register.orders.get(number)
        if order is None:
            return self.missing(request, "Beställningen finns inte.")
        return self.show(request, "order.html", order=order, record=self.register.records[order.facility])

    async def route_card(self, request: Request, code: str) -> Response:
        grid = views.stops_of_route(self.register, code)
        if grid is None:
            return self.missing(request, "Körlistan finns inte.")
        return self.show(request, "route.html", grid=grid, code=code)

    async def route_rows(self, request: Request, code: str) -> Response:
        grid = views.stops_of_route(self.register, code)
        return self._rows(request, grid) if grid else self.missing(request)

    def _list_page(self, key: str) -> Page:
        async def list_page(request: Request) -> Response:
            return self.show(request, "list.html", grid=self.lists[key])

        return list_page

    def _list_rows(self, key: str) -> Page:
        async def list_rows(request: Request) -> Response:
            return self._rows(request, self.lists[key])

        return list_rows

    def _rows(self, request: Request, grid: Grid) -> Response:
        return self.show(request, "_rows.html", grid=grid, page=grid.page(request.query_params))

    def _set_status(self, number: str, status: str) -> Order:
        order = self.register.orders.get(number)
        if order is None:
            raise HTTPException(404, f"no order {number!r}")
        order.status = status
        return order
