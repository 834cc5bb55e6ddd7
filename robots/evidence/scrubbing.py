"""A trace of Playwright's without what was typed, sent and shown: its shape stays, and the words of its forms.

What is kept is named here, and all else is left out: headers but a few, cookies, whatever was sent, every body but a
style sheet, what a page answered, pictures. In the pages that it shows, only words that name things (captions, buttons,
headings) stay, and what is redacted everywhere is redacted in them too. Fields and data are covered.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from robots.errors import COVERED

Clean = Callable[[str], str]
EVENTS, NETWORK, STACKS = "trace.trace", "trace.network", "trace.stacks"
_STYLE = re.compile(r"resources/[0-9a-f]{8,64}\.css")
_SAFE_HEADERS = frozenset(
    {"content-type", "content-length", "cache-control", "connection", "date", "location", "retry-after", "server"}
)
# What a call was told that says nothing of anybody; a selector is redacted, an address covered.
_SAFE_PARAMS = frozenset(
    {"timeout", "waitUntil", "state", "strict", "button", "clickCount", "force", "trial", "pageId"}
)
# Elements that name things, and those whose words are data, whatever stands in them.
_NAMING = frozenset(
    {"TITLE", "LABEL", "LEGEND", "CAPTION", "TH", "DT", "BUTTON", "SUMMARY", "NAV", "H1", "H2", "H3", "H4", "STYLE"}
)
_NAMING_ROLES = frozenset({"button", "tab", "heading", "columnheader", "menuitem", "navigation", "toolbar"})
_DATA = frozenset({"TD", "DD", "ARTICLE", "TEXTAREA", "OPTION"})
_DATA_ROLES = frozenset({"gridcell", "cell", "article", "option"})
_ADDRESSES = frozenset({"href", "src", "action", "formaction", "xlink:href", "__playwright_current_src__", "poster"})
_WORDS = frozenset({"title", "alt", "aria-label", "placeholder", "label", "aria-description", "aria-valuetext"})
_CONTENTS = frozenset({"value", "__playwright_value_", "content", "srcdoc", "srcset", "datetime", "summary"})
_BUTTONS = frozenset({"submit", "button", "reset"})
_OF_SNAPSHOT = frozenset(
    {"callId", "phase", "snapshotName", "pageId", "frameId", "doctype", "viewport", "timestamp", "wallTime",
     "collectionTime", "isMainFrame"}
)  # fmt: skip
_OF_CALL = frozenset({"type", "callId", "startTime", "endTime", "class", "method", "parentId", "point", "box", "time"})
# What the log and the errors of a call quote: an element as it stands in the page, and what was typed.
_ELEMENT = re.compile(r"<[a-zA-Z!/].*", re.DOTALL)
_TYPED = re.compile(r"\b(fill|type|press|press_sequentially|insert_text)\(.*?\)", re.DOTALL)


def scrubbed(raw: bytes, clean: Clean) -> bytes:
    """The zip that Playwright wrote, scrubbed; ``clean`` redacts a text. Raises ``ValueError`` for what is no trace."""
    rub = _Scrubbing(lru_cache(maxsize=4096)(clean))
    made = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(raw)) as read,
            zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written,
        ):
            for name in read.namelist():
                if content := rub.file(name, read.read(name)):
                    written.writestr(name, content)
    except (zipfile.BadZipFile, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"no trace: {type(error).__name__}") from error
    return made.getvalue()


class _Scrubbing:
    def __init__(self, clean: Clean) -> None:
        self._clean = clean

    def file(self, name: str, content: bytes) -> str:
        """The file as it may be kept; "" for none."""
        if name in (EVENTS, NETWORK):
            return "".join(self._lines(content.decode().splitlines()))
        if name == STACKS:
            return self._stacks(json.loads(content))
        return self._clean(content.decode("utf-8", "replace")) if _STYLE.fullmatch(name) else ""

    def _lines(self, lines: list[str]) -> Iterator[str]:
        for line in lines:
            if line.strip() and (kept := self._event(json.loads(line))):
                yield json.dumps(kept, ensure_ascii=False) + "\n"

    def _event(self, told: dict[str, Any]) -> dict[str, Any] | None:
        match told["type"]:
            case "context-options":
                return told
            case "frame-snapshot":
                return told | {"snapshot": self._snapshot(told["snapshot"])}
            case "resource-snapshot":
                return told | {"snapshot": self._exchange(told["snapshot"])}
            case "before" | "after" | "input" | "event":
                return self._call(told)
            case "log":
                return {**_of(told, _OF_CALL), "message": self._said(told["message"])}
            case "console":
                place = {
                    "url": self._address(told.get("location", {}).get("url", "")),
                    "lineNumber": 0,
                    "columnNumber": 0,
                }
                return {**_of(told, {"type", "time", "messageType", "pageId"}), "text": self._clean(told["text"]),
                        "args": [], "location": place}  # fmt: skip
        return None

    # -- what was called -------------------------------------------------------------------------------------------

    def _call(self, told: Mapping[str, Any]) -> dict[str, Any]:
        kept, params = _of(told, _OF_CALL), told.get("params")
        if title := told.get("title"):
            kept["title"] = self._said(title)
        if params is not None:
            kept["params"] = _of(params, _SAFE_PARAMS)
            if "selector" in params:
                kept["params"]["selector"] = self._clean(params["selector"])
            if "url" in params:
                kept["params"]["url"] = self._address(params["url"])
        if error := told.get("error"):
            kept["error"] = {"name": error.get("name", ""), "message": self._said(error.get("message", ""))}
        return kept

    def _said(self, words: str) -> str:
        return self._clean(_ELEMENT.sub("<…>", _TYPED.sub(r"\1(…)", _quoted_addresses(words, self._address))))

    def _stacks(self, told: dict[str, Any]) -> str:
        files = [re.sub(r"^.*?/((?:robots|tasks)/|[^/]*$)", r"\1", path) for path in told["files"]]
        return json.dumps({"files": files, "stacks": told["stacks"]})

    # -- what a page showed ------------------------------------------------------------------------------------------

    def _snapshot(self, told: Mapping[str, Any]) -> dict[str, Any]:
        changed = [
            each | {"url": self._address(each["url"])}
            for each in told["resourceOverrides"]
            if "ref" in each or _STYLE.fullmatch(str(each.get("_file", each.get("file", ""))))
        ]
        return {
            **_of(told, _OF_SNAPSHOT), "frameUrl": self._address(told["frameUrl"]), "resourceOverrides": changed,
            "html": self._node(told["html"], naming=False, data=False),
        }  # fmt: skip

    def _node(self, node: Any, *, naming: bool, data: bool) -> Any:
        """A text, a reference to what an earlier snapshot had, or an element. No node comes or goes: references count
        them."""
        if isinstance(node, str):
            return self._clean(node) if naming and not data else COVERED if node.strip() else node
        if isinstance(node[0], list):
            return node
        tag, attributes = str(node[0]).upper(), node[1] if len(node) > 1 else {}
        role = attributes.get("role", "")
        data = data or tag in _DATA or role in _DATA_ROLES
        naming = naming or tag in _NAMING or role in _NAMING_ROLES
        kept = {
            name: self._attribute(tag, attributes, name, str(value), data=data) for name, value in attributes.items()
        }
        return [node[0], *([kept] if len(node) > 1 else []),
                *(self._node(each, naming=naming, data=data) for each in node[2:])]  # fmt: skip

    def _attribute(self, tag: str, all_of_it: Mapping[str, Any], name: str, value: str, *, data: bool) -> str:
        if name in _ADDRESSES:
            return self._address(value)
        if name in _CONTENTS and not (tag == "INPUT" and all_of_it.get("type") in _BUTTONS):
            return COVERED if value else ""
        if name.startswith("data-") or (name in _WORDS and data):
            return COVERED if value else ""
        return self._clean(value)

    # -- what went over the wire ---------------------------------------------------------------------------------------

    def _exchange(self, told: Mapping[str, Any]) -> dict[str, Any]:
        asked, answer = told["request"], told["response"]
        content = _of(answer.get("content", {}), {"size", "mimeType"})
        if _STYLE.fullmatch(file := str(answer.get("content", {}).get("_file", ""))):
            content["_file"] = file
        request = {
            **_of(asked, {"method", "httpVersion", "headersSize", "bodySize"}), "url": self._address(asked["url"]),
            "cookies": [], "headers": self._headers(asked), "queryString": [],
        }  # fmt: skip
        response = {
            **_of(answer, {"status", "httpVersion", "headersSize", "bodySize", "_transferSize"}),
            "statusText": self._clean(answer.get("statusText", "")), "cookies": [], "headers": self._headers(answer),
            "content": content, "redirectURL": self._address(answer.get("redirectURL", "")),
        }  # fmt: skip
        if failed := answer.get("_failureText"):
            response["_failureText"] = self._clean(failed)
        kept = {"pageref", "startedDateTime", "time", "timings", "_frameref", "_monotonicTime", "_resourceType"}
        return {**_of(told, kept), "cache": {}, "request": request, "response": response}

    def _headers(self, told: Mapping[str, Any]) -> list[dict[str, str]]:
        known = [(each["name"], each["value"]) for each in told["headers"] if each["name"].lower() in _SAFE_HEADERS]
        return [{"name": name, "value": self._address(value) if name.lower() == "location" else self._clean(value)}
                for name, value in known]  # fmt: skip

    def _address(self, address: str) -> str:
        """Without what is asked for in it, and without what a page carries in an address of its own."""
        try:
            told = urlsplit(address)
        except ValueError:
            return COVERED
        if told.scheme not in ("", "http", "https", "ws", "wss", "about"):
            return f"{told.scheme}:{COVERED}"
        query = urlencode([(self._clean(name), COVERED) for name, _ in parse_qsl(told.query, keep_blank_values=True)])
        return self._clean(urlunsplit((told.scheme, told.netloc.rpartition("@")[2], told.path, query, "")))


def _quoted_addresses(words: str, cover: Clean) -> str:
    return re.sub(r'https?://[^\s"\'<>]+', lambda hit: cover(hit[0]), words)


def _of(told: Mapping[str, Any], names: Any) -> dict[str, Any]:
    return {name: told[name] for name in told if name in names}
