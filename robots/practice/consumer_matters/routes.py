"""Konsumentärenden: a list that remembers its filter, a card for each matter, and forms that have rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from fastapi import HTTPException, Request
from fastapi.responses import Response

from robots.practice.consumer_matters import rules
from robots.practice.consumer_matters.desk import Desk
from robots.practice.consumer_matters.state import (
    BUYERS,
    CLOSED,
    KINDS,
    NEW,
    ONGOING,
    QUEUED,
    SENT,
    STATUSES,
    UNCLASSIFIED,
    WISHES,
    Matter,
    Register,
)
from robots.practice.consumer_matters.writing import Writing
from robots.practice.sessions import Session
from robots.practice.system import NewField

PER_PAGE = 12
MINE, EVERYBODYS = "Mina ärenden", "Alla ärenden"
FILTER = {"visa": MINE, "text": "", "typ": "", "status": "", "beteckning": "", "avslutade": ""}
FORM = ("personnummer", "kopare", "motpart", "orgnr", "kopdatum", "belopp", "arendetyp", "underkategori", "onskar",
        "beteckning", "beskrivning")  # fmt: skip


class ConsumerMatters(Desk):
    key = "consumer_matters"
    title = "Konsumentärenden"
    path = "/konsument"
    session_minutes = 25
    folder = Path(__file__).parent
    reworded: ClassVar[dict[str, str]] = {"Vår beteckning": "Externt ärende-id", "Motpart": "Näringsidkare"}
    new_field = NewField(
        "kontaktvag", "Kontaktväg", "Kontaktväg: välj hur konsumenten hörde av sig.", ("Telefon", "Brev", "Besök")
    )

    register: Register
    writing: Writing

    def add_pages(self) -> None:
        self.templates.globals.update(
            kinds=KINDS, unclassified=UNCLASSIFIED, statuses=STATUSES, wishes=WISHES, buyers=BUYERS,
            referrals=rules.REFERRALS, views=(MINE, EVERYBODYS),
        )  # fmt: skip
        get, post = self.router.get, self.router.post
        get("/")(self.matters)
        get("/arenden/rows")(self.matter_rows)
        get("/arenden/nytt")(self.new_matter)
        post("/arenden/nytt")(self.register_matter)
        get("/arenden/{number}")(self.card)
        get("/arenden/{number}/handelser")(self.events)
        get("/arenden/{number}/klassificera")(self.classify_form)
        post("/arenden/{number}/klassificera")(self.classify)
        get("/arenden/{number}/hanvisa")(self.refer_form)
        post("/arenden/{number}/hanvisa")(self.refer)
        self.writing = Writing(self)

    def reset(self) -> None:
        self.register = Register(self.world.town)
        self.writing.drafts.clear()

    def begin(self, session: Session) -> None:
        session.memory["filter"] = dict(FILTER)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        def matters(reference: str = "") -> list[dict[str, Any]]:
            return [m.as_json() for m in self.register.matters.values() if reference in ("", m.reference)]

        def letters(matter: str = "") -> list[dict[str, Any]]:
            found = [n for n in self.register.letters.values() if matter in ("", n.matter)]
            return [vars(letter) | {"on": letter.on.isoformat()} for letter in found]

        def lock(matter: str, by: str = "Marit Sandell") -> None:
            self._known(matter).locked_by = by

        def touch(matter: str, by: str = "Marit Sandell") -> None:
            self.register.note(self._known(matter), "Konsumenten ringde", by=by)

        def close(matter: str) -> None:
            self._known(matter).status = CLOSED

        def run_post() -> int:
            """The lorry of the post has come: what was in the queue is sent."""
            waiting = [n for n in self.register.letters.values() if n.status == QUEUED]
            for letter in waiting:
                letter.status = SENT
            return len(waiting)

        def without_email(matter: str) -> None:
            known = self._known(matter)
            known.consumer = replace(known.consumer, email="")

        return {"matters": matters, "letters": letters, "lock": lock, "touch": touch, "close": close,
                "run_post": run_post, "without_email": without_email}  # fmt: skip

    def _known(self, number: str) -> Matter:
        if number not in self.register.matters:
            raise HTTPException(404, f"no matter {number!r}")
        return self.register.matters[number]

    # -- looking

    async def matters(self, request: Request) -> Response:
        return self.show(request, "list.html", asked=self.session(request).memory["filter"])

    async def matter_rows(self, request: Request) -> Response:
        """A page of the list. The filter is kept for the next visit, as the user left it."""
        asked = {name: request.query_params.get(name, "").strip() for name in FILTER}
        self.session(request).memory["filter"] = asked
        found = [m for m in reversed(self.register.matters.values()) if self._fits(m, asked, self.me(request))]
        return self._rows(request, "_rows.html", found)

    def _fits(self, matter: Matter, asked: dict[str, str], me: str) -> bool:
        words = f"{matter.number} {matter.name} {matter.company}".casefold()
        return (
            (asked["visa"] == EVERYBODYS or matter.officer == me)
            and (asked["avslutade"] == "ja" or matter.status != CLOSED)
            and asked["typ"] in ("", matter.kind)
            and asked["status"] in ("", matter.status)
            and asked["beteckning"].casefold() in matter.reference.casefold()
            and all(word in words for word in asked["text"].casefold().split())
        )

    def _rows(self, request: Request, template: str, found: list[Any]) -> Response:
        pages = max(1, -(-len(found) // PER_PAGE))
        wanted = request.query_params.get("sida", "1")
        page = min(max(1, int(wanted)), pages) if wanted.isdecimal() else 1
        rows = found[(page - 1) * PER_PAGE : page * PER_PAGE]
        return self.show(request, template, rows=rows, total=len(found), page=page, pages=pages)

    async def card(self, request: Request, number: str) -> Response:
        matter = self.matter_of(request, number)
        letters = [n for n in self.register.letters.values() if n.matter == number]
        obstacle = rules.obstacle(matter, self.me(request))
        return self.show(
            request, "card.html", matter=matter, letters=letters, obstacle=obstacle, today=self.world.today
        )

    async def events(self, request: Request, number: str, q: str = "") -> Response:
        matter = self.matter_of(request, number)
        found = [e for e in reversed(matter.events) if q in f"{e.number} {e.what} {e.text} {e.reference}"]
        return self.show(request, "events.html", matter=matter, events=found, q=q)

    # -- a new matter

    async def new_matter(self, request: Request) -> Response:
        if not self.session(request).may_journal:
            return self.refused(request)
        return self.show(request, "new.html", form=dict.fromkeys((*FORM, "kontaktvag"), ""), errors=[], same=None)

    async def register_matter(self, request: Request) -> Response:
        sent = await request.form()
        form = {name: str(sent.get(name, "")).strip().replace("\r\n", "\n") for name in (*FORM, "kontaktvag")}
        errors, day = rules.registration_errors(form, self.world.town.people, self.world.today)
        if new := self.new_field_missing(form["kontaktvag"]):
            errors.append(new)
        same = self.register.same_dispute(form["personnummer"], form["orgnr"])
        if same and not errors and sent.get("anda") != "ja":
            errors = [f"Konsumenten har redan ett öppet ärende mot företaget: {same.number}."]
        else:
            same = None
        if errors:
            return self.show(request, "new.html", 422, form=form, errors=errors, same=same)
        me = self.me(request)
        matter = self.register.add(
            consumer=self.world.town.people[form["personnummer"]], buyer=form["kopare"], company=form["motpart"],
            company_number=form["orgnr"], kind=form["arendetyp"], detail=form["underkategori"], bought_on=day,
            amount=int(form["belopp"]), wish=form["onskar"], description=form["beskrivning"],
            reference=form["beteckning"], status=NEW, officer=me, opened=self.world.today, by=me,
            channel=form["kontaktvag"] or "Telefon",
        )  # fmt: skip
        self.commit(
            "matter_registered", form["personnummer"], self.session(request).user.name, matter=matter.number,
            kind=matter.kind, company=matter.company, reference=matter.reference,
        )  # fmt: skip
        self.session(request).memory["said"] = f"Ärende {matter.number} är registrerat."
        return self.go(f"/arenden/{matter.number}")

    # -- classification and referral

    async def classify_form(self, request: Request, number: str) -> Response:
        matter = self.changeable(request, number)
        return self.show(request, "classify.html", matter=matter, errors=[], chosen=(matter.kind, matter.detail))

    async def classify(self, request: Request, number: str) -> Response:
        matter = self.changeable(request, number)
        sent = await request.form()
        kind, detail, version, reference, why = (
            str(sent.get(name, "")).strip() for name in ("arendetyp", "underkategori", "version", "referens", "skal")
        )
        errors = [words] if (words := rules.stale(matter, version)) else []
        if matter.buyer == BUYERS[1]:
            errors.append(rules.FOR_COMPANIES)
        if kind == UNCLASSIFIED:
            errors.append("Ärendetyp: välj i listan.")
        errors += rules.kind_errors(kind, detail, matter.bought_on, self.world.today)
        if errors:
            return self.show(request, "classify.html", 422, matter=matter, errors=errors, chosen=(kind, detail))
        matter.kind, matter.detail, matter.officer = kind, detail, self.me(request)
        matter.status = ONGOING if matter.status == NEW else matter.status
        event = self.register.note(
            matter, f"Klassificerat som {kind}, {detail}", why, reference=reference, by=self.me(request)
        )
        self.commit(
            "classified", matter.number, self.session(request).user.name, kind=kind, detail=detail,
            event=event.number, reference=reference,
        )  # fmt: skip
        self.session(request).memory["said"] = "Klassificeringen är sparad."
        return self.go(f"/arenden/{number}")

    async def refer_form(self, request: Request, number: str) -> Response:
        matter = self.changeable(request, number)
        return self.show(request, "refer.html", matter=matter, errors=[], chosen="", reason="", reference="")

    async def refer(self, request: Request, number: str) -> Response:
        matter = self.changeable(request, number)
        sent = await request.form()
        where, reason, reference, version = (
            str(sent.get(name, "")).strip() for name in ("hanvisning", "upplysning", "referens", "version")
        )
        errors = [words] if (words := rules.stale(matter, version)) else []
        errors += rules.referral_errors(matter, where, reason)
        if errors:
            return self.show(
                request, "refer.html", 422, matter=matter, errors=errors, chosen=where, reason=reason,
                reference=reference,
            )  # fmt: skip
        event = self.register.note(matter, f"Hänvisad till {where}", reason, reference=reference, by=self.me(request))
        self.commit(
            "referred", matter.number, self.session(request).user.name, to=where, event=event.number,
            reference=reference,
        )  # fmt: skip
        self.session(request).memory["said"] = f"Konsumenten är hänvisad till {where}."
        return self.go(f"/arenden/{number}")
