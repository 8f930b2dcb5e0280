"""A headless browser that a test drives: pages of any size, real keys, and what a visitor's eye would see."""

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.photo_page import AXE, BROWSER

SECONDS = 60  # until a test gives up: nothing here is that slow
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe", "--hide-scrollbars",
)  # fmt: skip
_CODES = {" ": "Space", "?": "Slash"}
_NUMBERS = {"Escape": 27, "Enter": 13, "Tab": 9}  # of keys that type nothing


class BrowserRefused(Exception):
    """The browser does not do what it was asked for, as while it goes from one page to the next."""


class Browser:
    """A browser process, spoken to over a pipe."""

    def __init__(self, process: subprocess.Popen[bytes], into: int, out: int) -> None:
        self._process = process
        self._into = into
        self._out = out
        self._number = 0
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def page(self, width: int = 1440, height: int = 900, *, dark: bool = False, lang: str = "en-US") -> "Page":
        """Open a page of a size, in a profile of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        page.call("Page.enable")
        page.call("Runtime.enable")
        page.call("Network.enable")
        page.call("Log.enable")
        page.call("Emulation.setUserAgentOverride", userAgent="photosense-test", acceptLanguage=lang)
        page.call("Emulation.setLocaleOverride", locale=lang.replace("-", "_"))
        page.shape(width, height, dark=dark)
        return page

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Ask the browser for something, and wait for its answer; what it tells meanwhile is kept."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == number:
                if "error" in told:
                    raise BrowserRefused(method, told["error"])
                result: dict[str, Any] = told["result"]
                return result
            self.events.append(told)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._out, 1 << 16)
            assert part, "the browser has gone"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told


class Page:
    """A page of the browser."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the browser for something about this page."""
        return self._browser.call(method, self._session, **params)

    def shape(self, width: int, height: int, *, dark: bool = False) -> None:
        """Give the page a size, and light or darkness."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, address: str, ready: str = "document.readyState === 'complete'") -> None:
        """Go to an address, and wait until it is ready."""
        self.call("Page.navigate", url=address)
        self.until(ready)

    def run(self, script: str) -> Any:
        """What a script gives, as JSON."""
        told = self.call(
            "Runtime.evaluate",
            expression=f"(async () => {{ {script} }})()",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"].get("exception", told["exceptionDetails"])
        return told["result"].get("value")

    def see(self, expression: str) -> Any:
        """What an expression gives."""
        return self.run(f"return ({expression});")

    def until(self, expression: str) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + SECONDS
        while True:
            with suppress(BrowserRefused):
                told = self.call("Runtime.evaluate", expression=f"Boolean({expression})", returnByValue=True)
                if told["result"].get("value") is True:
                    return
            assert time.monotonic() < end, f"never true: {expression}; the page says {self.text()[:2000]!r}"
            time.sleep(0.02)

    def text(self) -> str:
        """All that a visitor reads."""
        return str(self.see("document.body?.innerText ?? ''"))

    def press(self, key: str, code: str = "") -> None:
        """Press a key, as a keyboard does: `code` is where it lies, if not where it usually does."""
        digit = f"Digit{key}" if key.isdigit() else f"Key{key.upper()}" if len(key) == 1 else key
        code = code or _CODES.get(key, digit)
        typed = {"text": key} if len(key) == 1 else {"windowsVirtualKeyCode": _NUMBERS[key]}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=code, **typed)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def click(self, selector: str, saying: str = "") -> None:
        """Click the first element that is shown, may be clicked, fits, and says something."""
        pick = (
            f"[...document.querySelectorAll({json.dumps(selector)})].find("
            f"(each) => !each.disabled && each.checkVisibility() && each.textContent.includes({json.dumps(saying)}))"
        )
        self.until(pick)
        self.run(f"{pick}.click();")

    def drop(self, selector: str, files: Sequence[tuple[str, str, bytes]], root: str = "document") -> None:
        """Let files (name, type, bytes) fall on an element of a page, or of a shadow tree."""
        packed = json.dumps([[name, kind, base64.b64encode(content).decode()] for name, kind, content in files])
        self.run(
            f"""
            const carried = new DataTransfer();
            for (const [name, type, content] of {packed}) {{
              const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
              carried.items.add(new File([bytes], name, {{ type }}));
            }}
            const place = {root}.querySelector({json.dumps(selector)});
            place.dispatchEvent(new DragEvent("drop", {{ dataTransfer: carried, bubbles: true, cancelable: true }}));
            """
        )

    def picture(self, file: Path, *, whole: bool = False) -> Path:
        """Take a picture of what is shown, or of the whole page."""
        taken = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(taken["data"]))
        return file

    def faults(self) -> list[str]:
        """What the browser complained of on this page: scripts that failed, policies that were broken."""
        told = [event for event in self._browser.events if event.get("sessionId") == self._session]
        failed = [str(event["params"]) for event in told if event["method"] == "Runtime.exceptionThrown"]
        entries = [event["params"]["entry"] for event in told if event["method"] == "Log.entryAdded"]
        kinds = ("security", "violation", "javascript")
        return failed + [entry["text"] for entry in entries if entry["source"] in kinds]

    def requests(self) -> list[str]:
        """The addresses that the page asked for, in order; what the browser draws itself has none."""
        addresses = [
            event["params"]["request"]["url"]
            for event in self._browser.events
            if event.get("sessionId") == self._session and event["method"] == "Network.requestWillBeSent"
        ]
        return [address for address in addresses if not address.startswith("data:")]

    def writes(self, path: str) -> list[dict[str, str]]:
        """The headers of what the page sent to an address."""
        asked = [
            event["params"]["request"]
            for event in self._browser.events
            if event.get("sessionId") == self._session and event["method"] == "Network.requestWillBeSent"
        ]
        sent = [each["headers"] for each in asked if each["method"] != "GET" and path in each["url"]]
        assert sent, f"nothing was sent to {path}"
        return sent

    def overflow(self) -> list[str]:
        """What reaches beyond the right edge of the page, by its tag and class."""
        found: list[str] = self.see(
            "[...document.querySelectorAll('body *')].filter((each) => each.checkVisibility() && "
            "each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('nav, .hidden, .photo, .scrolls'))"
            ".map((each) => `${each.localName}.${each.className}`)"
        )
        return found + (["the page"] if self.see("document.documentElement.scrollWidth > innerWidth") else [])


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Start a browser until the block ends."""
    assert BROWSER is not None, "browser() needs one: skip the test when BROWSER is None"
    browser_reads, we_write = os.pipe()
    we_read, browser_writes = os.pipe()
    # Chromium reads commands from descriptor 3 and answers on 4.
    command = f'exec "$0" "$@" 3<&{browser_reads} 4>&{browser_writes}'
    process = subprocess.Popen(
        ["/bin/bash", "-c", command, BROWSER, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(browser_reads, browser_writes),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(browser_reads)
    os.close(browser_writes)
    try:
        yield Browser(process, we_write, we_read)
    finally:
        process.kill()
        process.wait()
        os.close(we_write)
        os.close(we_read)


def judged(page: Page) -> list[str]:
    """What the judge of pages for everybody finds wrong on this one."""
    assert AXE is not None, "judged() needs axe-core-python: skip the test when AXE is None"
    assert AXE.origin is not None
    page.run((Path(AXE.origin).parent / "axe.min.js").read_text("utf-8"))
    found: list[str] = page.run(
        "const found = await axe.run(document);"
        "return found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(' ')}`);"
    )
    return found
