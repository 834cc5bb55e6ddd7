// Takes in the parts of a page that are new, as the portal tells of them; and shows a picture large.
"use strict";

(() => {
  const REACHABLE = "a[href], button, input, summary";
  const QUIET_MS = 4000;
  const PICTURE_TRIES = 12;
  const PICTURE_MS = 500;

  const source = document.querySelector("[data-live]")?.dataset.live;
  const lost = document.getElementById("lost");
  const tried = new WeakMap();

  /** Without what changes by itself: the clock, and what the person has opened. */
  function bare(node) {
    const copy = node.cloneNode(true);
    for (const clock of copy.querySelectorAll(".clock")) clock.remove();
    for (const opened of copy.querySelectorAll("[open]")) opened.removeAttribute("open");
    return copy;
  }

  /** What was wrong with what the person wrote stays until they have written it anew. */
  function hasFault(part) {
    return part.querySelector('[aria-invalid="true"]') !== null;
  }

  /** The newer part in the older one's place, with what the person has opened and typed, and where they are. */
  function replace(older, newer) {
    const here = older.contains(document.activeElement) ? document.activeElement : null;
    for (const opened of older.querySelectorAll("details[open][id]")) {
      const same = newer.querySelector(`#${CSS.escape(opened.id)}`);
      if (same) same.open = true;
    }
    for (const field of older.querySelectorAll("input:not([type=hidden])")) {
      const form = newer.querySelector(`form[action="${CSS.escape(field.form.getAttribute("action"))}"]`);
      const same = form?.elements[field.name];
      if (same) same.value = field.value;
    }
    older.replaceWith(newer);
    if (!here) return;
    const again = [...newer.querySelectorAll(REACHABLE)].find(
      (each) => each.tagName === here.tagName && each.textContent === here.textContent && each.name === here.name,
    );
    (again ?? document.getElementById("main")).focus({ preventScroll: true });
  }

  function takeIn(parts) {
    for (const part of [...new DOMParser().parseFromString(parts, "text/html").body.children]) {
      const newer = document.adoptNode(part);
      const older = document.getElementById(newer.id);
      if (!older) document.getElementById(newer.dataset.into)?.append(newer);
      else if (!(hasFault(older) || bare(older).isEqualNode(bare(newer)))) replace(older, newer);
    }
    readClocks();
  }

  // -- the running clock, from what the portal has measured and not from the machine's own time of day
  let clocks = [];
  function readClocks() {
    clocks = [...document.querySelectorAll(".clock[data-seconds]")].map((shown) => {
      const known = clocks.find((each) => each.shown === shown);
      return known ?? { shown, since: performance.now() - Number(shown.dataset.seconds) * 1000 };
    });
    for (const { shown, since } of clocks) {
      const seconds = Math.floor((performance.now() - since) / 1000);
      shown.textContent = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    }
  }

  // -- for those who listen: the newest of what there is to say, and not too often
  let saidAt = -QUIET_MS;
  let toSay = 0;
  function say(words, { now = false } = {}) {
    clearTimeout(toSay);
    const wait = now ? 0 : Math.max(0, saidAt + QUIET_MS - performance.now());
    toSay = setTimeout(() => {
      saidAt = performance.now();
      window.desk.say(words);
    }, wait);
  }

  // -- the stream. A page that nobody sees holds none: a browser has few connections to spare for all its pages.
  let stream = null;
  let ended = false;
  let lastHeard = "";
  let lastSaid = "";

  function isLost(gone) {
    if (lost) lost.hidden = !gone;
  }

  function follow() {
    if (stream || ended || document.hidden) return;
    const address = new URL(source, location.href);
    if (lastHeard) address.searchParams.set("after", lastHeard);
    stream = new EventSource(address);
    stream.addEventListener("open", () => isLost(false));
    stream.addEventListener("parts", (event) => {
      lastHeard = event.lastEventId;
      takeIn(event.data);
    });
    stream.addEventListener("say", (event) => {
      lastSaid = event.data;
      say(lastSaid);
    });
    stream.addEventListener("end", () => {
      ended = true;
      leave();
      if (lastSaid) say(lastSaid, { now: true });
    });
    // The browser tries again by itself, and goes on after the last that it has heard; where it gives up, it is told.
    stream.addEventListener("error", () => isLost(!ended));
  }

  function leave() {
    stream?.close();
    stream = null;
  }

  // A picture is written beside the work, and may come a moment after the step.
  document.addEventListener(
    "error",
    (event) => {
      const picture = event.target;
      if (!(picture instanceof HTMLImageElement)) return;
      const times = (tried.get(picture) ?? 0) + 1;
      tried.set(picture, times);
      const address = picture.getAttribute("src");
      if (times <= PICTURE_TRIES && address) setTimeout(() => picture.setAttribute("src", address), PICTURE_MS);
    },
    true,
  );

  const large = document.getElementById("large");
  if (large?.showModal) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-large]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const small = link.querySelector("img");
      const picture = large.querySelector("img");
      picture.src = link.href;
      picture.alt = small.alt;
      large.querySelector("figcaption").textContent = small.alt;
      large.showModal();
    });
  }

  if (source) {
    document.getElementById("plain")?.remove();
    readClocks();
    setInterval(readClocks, 1000);
    follow();
    document.addEventListener("visibilitychange", () => (document.hidden ? leave() : follow()));
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", follow);
  }
})();
