"""What a run reaches: the configured hosts, by whichever way a page or a redirect tries to get out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from robots.browser.launch import launch_browser
from robots.browser.one_send import OneSend
from robots.browser.origins import Origins, is_sealed, origin_of, shown
from robots.errors import AddressRefused, ApplicationException, FileNotHeld
from robots.queue.runs import events_of
from robots.settings import Settings, SystemSettings
from robots.store import Store
from robots.systems.bench import Committing
from robots.systems.documents import Document
from robots.systems.interface import Interface
from robots.systems.login import LoginSessions
from robots.worker.warm_browser import WarmBrowser, Window
from tests.unit.benches import IMPATIENT, Practice, Site, bench
from tests.unit.pages import Answer, Asked, PageServer, page, serving

QUIET_MS = 700  # so long nothing has come that was to come, measured with all doors open: 300


# -- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "http://system.example/a", "HTTP://SYSTEM.example:80/", "ws://system.example/live", "http://system.example?q=1",
        "blob:http://system.example/1-2", "about:blank", "about:srcdoc", "",
    ],
)  # fmt: skip
def test_what_is_the_systems_own(address: str) -> None:
    assert Origins.of(["http://system.example/start"]).hold_page(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://system.example/", "http://system.example:8080/", "http://system.example.evil.example/",
        "http://evil.example/http://system.example/", "http://system.example@evil.example/",
        "http://evil.example\\@system.example/", "http://evil.example/\\@system.example/", "http:\\\\system.example/",
        "//system.example/", "file:///etc/passwd", "file://system.example/", "data:text/html,x", "javascript:1",
        "chrome://version", "view-source:http://system.example/", "blob:http://evil.example/1", "about:version",
        "http://system.example\n.evil.example/", "http://[::1]/", "ftp://system.example/", "http://systém.example/",
    ],
)  # fmt: skip
def test_what_is_somebody_elses(address: str) -> None:
    assert not Origins.of(["http://system.example/start"]).hold_page(address)


def test_an_ip_address_in_another_spelling_is_another_host() -> None:
    own = Origins.of(["http://127.0.0.1:80/", "http://[::1]:81/", "https://blåhaj.example/"])
    for spelled in ("2130706433", "0x7f000001", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "localhost"):
        assert not own.hold(f"http://{spelled}/"), spelled
    assert own.hold("http://[::1]:81/a")
    assert own.hold("https://xn--blhaj-nra.example/")
    assert Origins.of(["imaps://post.example"]).allowed == frozenset()
    assert origin_of("wss://a.example") == ("https", "a.example", 443)


def test_a_password_leaves_the_machine_by_https_alone() -> None:
    assert is_sealed("https://a.example")
    assert is_sealed("http://127.0.0.1:8000/x")
    assert is_sealed("http://[::1]:8000/x")
    assert not is_sealed("http://2130706433/x")
    assert not is_sealed("http://127.1/x")
    assert not is_sealed("http://a.example")
    assert shown("https://user:secret@a.example:8443/token/abc") == "https://a.example:8443"


@pytest.mark.parametrize("also", ["inloggning.example", "https://a.example/sida", "https://a@b.example", "file:///etc"])
def test_a_further_address_is_a_whole_host(also: str) -> None:
    assert SystemSettings(url="https://a.example", also=("https://inloggning.example:8443",))
    with pytest.raises(ValidationError, match="utan sökväg"):
        SystemSettings(url="https://a.example", also=(also,))


# -- the browser ---------------------------------------------------------------------------------------------------

# Each way out of a page, by its name; ``{there}`` is where nobody may go. All are tried by one page at once.
SCRIPTED = {
    "fetch": "fetch('{there}/fetch', {{mode: 'no-cors'}})",
    "sent": "fetch('{there}/sent', {{mode: 'no-cors', method: 'POST', body: 'x'}})",
    "hop": "fetch('/to?{there}/hop', {{mode: 'no-cors'}})",
    "socket": "new WebSocket('{there}/socket'.replace('http', 'ws'))",
    "beacon": "navigator.sendBeacon('{there}/beacon', 'x')",
    "picture": "new Image().src = '{there}/picture'",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {{src: '{there}/frame'}}))",
    "framed-hop": "document.body.append(Object.assign(document.createElement('iframe'), "
                  "{{src: '/to?{there}/framed-hop'}}))",
    "window": "window.open('{there}/window')",
    "prefetch": "document.head.append(Object.assign(document.createElement('link'), "
                "{{rel: 'prefetch', href: '{there}/prefetch'}}))",
    "style": "document.head.append(Object.assign(document.createElement('style'), "
             "{{textContent: '@import \"{there}/style\"'}}))",
    "worker": "new Worker(URL.createObjectURL(new Blob([`fetch('{there}/worker', {{mode: 'no-cors'}})`])))",
    "script": "document.head.append(Object.assign(document.createElement('script'), {{src: '{there}/script'}}))",
    "event-stream": "new EventSource('{there}/event-stream')",
}  # fmt: skip
# The last one, which the page itself may follow.
DOWNLOAD = "there => Object.assign(document.createElement('a'), {href: there + '/download', download: 'x'}).click()"
STUN = (
    "async port => { const c = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:' + port}]});"
    " c.createDataChannel('x'); await c.setLocalDescription(await c.createOffer()); }"
)
NAVIGATIONS = ("127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]")


def _here(asked: Asked) -> Answer:
    if asked.path.startswith("/to?"):
        return Answer("", 302, {"Location": asked.path.removeprefix("/to?")})
    return page("<h1>Här</h1>")


@pytest.fixture(scope="module")
def here() -> Iterator[PageServer]:
    with serving(_here) as server:
        yield server


@pytest.fixture(scope="module")
def closed(browser: WarmBrowser, here: PageServer) -> Iterator[Window]:
    """A window of a browser as a slot has it where ``here`` is the one system."""
    shut = launch_browser(browser._playwright, reaches=Origins.of([here.address]))
    yield Window(shut.new_context(service_workers="block"), [])
    shut.close()


def _heard(window: Window, here: PageServer) -> tuple[set[str], bool]:
    """What reaches somebody else of all that a page tries, by its name, and whether its STUN server heard of it."""
    with (
        serving(lambda _: Answer("x", headers={"Access-Control-Allow-Origin": "*"})) as there,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stun,
    ):
        stun.bind(("127.0.0.1", 0))
        tab = window.context.new_page()
        tab.goto(here.address)
        for script in SCRIPTED.values():
            tab.evaluate(f"() => {{ {script.format(there=there.address)} }}")
        tab.evaluate(STUN, stun.getsockname()[1])
        tab.evaluate(DOWNLOAD, there.address)
        tab.wait_for_timeout(QUIET_MS)
        tab = window.context.new_page()
        for spelled in NAVIGATIONS:
            for way in ("", f"{here.address}/to?"):
                name = f"{'hop' if way else 'straight'}-{spelled}"
                try:
                    tab.goto(f"{way}http://{spelled}:{there.port}/{name}")
                except Exception:  # refused, which is for the other side to judge
                    tab = window.context.new_page()
        for each in window.context.pages:
            each.close()
        stun.setblocking(False)
        try:
            talked = bool(stun.recv(100))
        except BlockingIOError:
            talked = False
        return {asked.path.strip("/") for asked in there.asked}, talked


@pytest.mark.browser
def test_no_way_out_of_a_page_leads_to_another_host(closed: Window, here: PageServer) -> None:
    assert _heard(closed, here) == (set(), False)


@pytest.mark.browser
def test_control_with_the_doors_open_each_way_leads_there(window: Window, here: PageServer) -> None:
    there, _ = _heard(window, here)
    gone = {f"{way}-{name}" for way in ("hop", "straight") for name in NAVIGATIONS[:2]}
    assert there >= {*SCRIPTED, "download", *gone}


@pytest.mark.browser
def test_a_slots_browser_knows_the_systems_and_learns_of_another(machine: Settings, tmp_path: Path) -> None:
    told = {"a": SystemSettings(url="https://a.example/x", also=("https://login.example",)),
            "b": SystemSettings(url="{town}/b")}  # fmt: skip
    settings = machine.model_copy(update={"town": "", "data_dir": tmp_path})
    settings.__dict__["systems"] = told

    def look() -> None:
        warm = WarmBrowser(settings, spare_pages=0)
        before = warm._browser
        assert warm._reaches == Origins.of(["https://a.example", "https://login.example"])
        warm.prepare()
        assert warm._browser is before
        settings.town = "http://127.0.0.1:8123"
        warm.prepare()
        assert warm._browser is not before
        assert warm._reaches.hold("http://127.0.0.1:8123/b")
        warm.close()

    with ThreadPoolExecutor(1) as own_thread:  # Playwright wants one that no other browser is driven from
        own_thread.submit(look).result()


# -- the driver ----------------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Site:
    return Site({"/": page("<h1>Start</h1>"), "/a": page("<h1>Sida A</h1>")})


@pytest.fixture
def elsewhere() -> Iterator[PageServer]:
    with serving(lambda _: page("<h1>Sida A</h1>")) as running:
        yield running


@pytest.fixture
def driver(new: Callable[[], Practice]) -> Practice:
    return new()


@pytest.mark.browser
def test_a_page_of_somebody_else_is_none_however_alike(
    driver: Practice, site: Site, elsewhere: PageServer, store: Store
) -> None:
    site.pages["/b"] = Answer("", 302, {"Location": elsewhere.address + "/a"})
    with pytest.raises(AddressRefused, match=f"ledde till {elsewhere.address}, som inte är en av systemets adresser"):
        driver.open("/b", heading="Sida A")
    driver.bench.settings = driver.bench.settings.model_copy(update={"also": (elsewhere.address,)})
    driver.open("/b", heading="Sida A")  # control, and how a common login or a host of files is let in


@pytest.mark.browser
def test_what_a_page_did_not_reach_is_named_and_put_on_record(
    closed: Window,
    store: Store,
    tmp_path: Path,
    run_id: int,
    here: PageServer,
    elsewhere: PageServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Practice, "_take_session", lambda _: None)
    driver = Practice(bench(closed, store, tmp_path, here.address, run_id=run_id, timeout=IMPATIENT))
    with pytest.raises(AddressRefused, match=elsewhere.address):
        driver._visit(f"{here.address}/to?{elsewhere.address}/token-abc")
    driver.page.wait_for_function("location.protocol === 'chrome-error:'")
    driver.open("/", heading="Här")
    driver.page.evaluate("there => { new Image().src = there + '/picture'; }", elsewhere.address)
    driver.page.evaluate("there => { location.href = there + '/left'; }", elsewhere.address)
    with pytest.raises(AddressRefused, match=elsewhere.address):
        driver.arrive("Sida A")
    driver.bench.recorder.flush()
    told = [e.title for e in events_of(store, run_id) if e.kind == "refused_address"]
    assert told == [elsewhere.address]
    assert elsewhere.asked == []


@pytest.mark.browser
def test_a_file_is_fetched_from_the_system_alone(driver: Practice, server: PageServer, elsewhere: PageServer) -> None:
    driver.open("/a", heading="Sida A")
    for address in (
        f"{elsewhere.address}/plan.pdf", f"http://{server.address[7:]}@{elsewhere.address[7:]}/plan.pdf", "file:///etc/passwd",
        f"{elsewhere.address}\\@{server.address[7:]}/plan.pdf",
    ):  # fmt: skip
        with pytest.raises(AddressRefused):
            driver.fetch_bytes(address)
    assert elsewhere.asked == []
    driver.bench.settings = driver.bench.settings.model_copy(update={"also": (elsewhere.address,)})
    with pytest.raises(ApplicationException):
        driver.fetch_bytes(f"{elsewhere.address}/plan.pdf")
    assert len(elsewhere.asked) == 1  # control


@pytest.mark.browser
@pytest.mark.parametrize("own", [True, False], ids=["guarded", "control"])
def test_a_form_that_goes_elsewhere_is_not_sent(driver: Practice, site: Site, elsewhere: PageServer, own: bool) -> None:
    form = f"<form method=post action={elsewhere.address}/book><button>Spara</button></form>"
    site.pages["/a"] = page(f"<h1>Sida A</h1>{form}")
    driver.open("/a", heading="Sida A")
    wire = OneSend(driver.bench.context, timeout=5, own=driver.bench.demand_own if own else None)
    with wire:
        driver.button("Spara").click()
        driver.pause(0.3)
    assert isinstance(wire.stopped, AddressRefused) is own
    assert len(elsewhere.posts()) == (0 if own else 1)


# -- interfaces ----------------------------------------------------------------------------------------------------


class Asking(Interface):
    system = "prov"


def _interface(store: Store, folder: Path, window: Window, address: str, **more: Any) -> Asking:
    return Asking(bench(window, store, folder, address, **more))


@pytest.mark.browser
def test_an_interface_asks_its_own_address_alone(
    window: Window, store: Store, tmp_path: Path, elsewhere: PageServer
) -> None:
    moved = lambda asked: Answer("", 307, {"Location": elsewhere.address + asked.path})  # noqa: E731
    with serving(moved) as server:
        asking = _interface(store, tmp_path, window, server.address)
        with pytest.raises(AddressRefused, match=elsewhere.address):
            asking.ask("GET", "/cases")
        with pytest.raises(AddressRefused, match=elsewhere.address):
            asking.ask("GET", f"{elsewhere.address}/cases")
        asking.close()
    assert elsewhere.asked == []


@pytest.mark.parametrize("alone", [True, False], ids=["one at a time", "control: all at once"])
@pytest.mark.browser
def test_a_wrong_key_is_tried_once_by_all_who_begin_at_the_same_time(
    window: Window, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    if not alone:
        monkeypatch.setattr(LoginSessions, "alone", lambda _: nullcontext())
    both = threading.Barrier(2)

    def slow(_: Asked) -> Answer:
        if not alone:
            both.wait(5)  # the other one has asked as well
        return Answer("", 401)

    def ask(one: Asking) -> None:
        with pytest.raises(ApplicationException):
            one.ask("GET", "/cases")

    with serving(slow) as server:
        asking = [_interface(store, tmp_path, window, server.address, password="fel") for _ in range(2)]
        threads = [threading.Thread(target=ask, args=(one,)) for one in asking]
        for thread in threads:
            thread.start()
        for thread, one in zip(threads, asking, strict=True):
            thread.join()
            one.close()
        assert len(server.asked) == (1 if alone else 2)


# -- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_file_of_the_machines_own_is_not_handed_on(driver: Practice) -> None:
    fetched, own = Document("plan.pdf", b"%PDF-1"), Document("passwd", Path("/etc/passwd").read_bytes())
    driver.bench.held = set()
    driver.note_download(fetched)

    def hand_on(*documents: Document) -> None:
        driver._committing = Committing(None, {"documents": list(documents)})  # type: ignore[arg-type]
        driver._demand_own_files()

    hand_on(fetched)
    with pytest.raises(FileNotHeld, match="filen passwd kommer inte ur något system"):
        hand_on(fetched, own)
    driver.bench.held = None
    hand_on(own)  # control
