// Puts the map together: the canvas and the hand on it, the search box, the panel and the layers.

import { Ground, paint } from "./draw.js";
import { lostSession } from "./fragment.js";
import { infoPanel } from "./info.js";
import { searchBox } from "./search.js";
import { View } from "./view.js";

const { path, source, asked } = document.body.dataset;
const NORTHING = 6581000; // the square of Tallinge in SWEREF 99 TM
const EASTING = 512000;
const CLOSE_UP = 0.45;
const swedish = new Intl.NumberFormat("sv-SE", { maximumFractionDigits: 0 });
const element = (id) => document.getElementById(id);

const canvas = element("canvas");
const ctx = canvas.getContext("2d");
const layers = {};
let ground = null;
let chosen = null;
let measuring = false;
let measure = [];
let framed = false;

function redraw() {
  if (framed) return;
  framed = true;
  requestAnimationFrame(() => {
    framed = false;
    if (ground) paint(ctx, view, ground, layers, chosen, measure);
    drawScale();
  });
}

const view = new View(canvas, redraw);
const info = infoPanel(path);
const search = searchBox(path, choose);

function drawScale() {
  const longest = view.res * 110;
  const power = 10 ** Math.floor(Math.log10(longest));
  const metres = [5, 2, 1].map((n) => n * power).find((n) => n <= longest);
  element("scale-bar").style.width = `${Math.round(metres / view.res)}px`;
  element("scale-text").textContent = metres < 1000 ? `${metres} m` : `${metres / 1000} km`;
}

function remember(designation) {
  const address = designation ? `${path}/?fastighet=${encodeURIComponent(designation)}` : `${path}/`;
  window.history.replaceState(null, "", address);
}

// The panel keeps its old content until the map has arrived.
async function choose(designation) {
  const home = ground && ground.byName.get(designation);
  if (home) {
    chosen = home;
    await view.fly(home.x, home.y, CLOSE_UP);
    if (chosen !== home) return;
    remember(designation);
  }
  await info.load(designation);
}

function pick(x, y) {
  const home = ground && ground.at(x, y);
  chosen = home || null;
  redraw();
  if (home) {
    remember(home.d);
    search.show("");
    info.load(home.d);
  } else {
    remember("");
    info.words("words-nothing");
  }
}

// The hand on the map

let grip = null;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  grip = { x: event.clientX, y: event.clientY, moved: false };
});
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = view.toMap(event.offsetX, event.offsetY);
  element("coordinates").textContent = `N ${swedish.format(NORTHING + y)}  E ${swedish.format(EASTING + x)}`;
  if (!grip) return;
  const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
  if (!grip.moved && Math.hypot(dx, dy) < 4) return;
  grip = { x: event.clientX, y: event.clientY, moved: true };
  canvas.classList.add("dragging");
  view.pan(dx, dy);
});
canvas.addEventListener("pointerup", (event) => {
  const clicked = grip && !grip.moved;
  grip = null;
  canvas.classList.remove("dragging");
  if (!clicked) return;
  const point = view.toMap(event.offsetX, event.offsetY);
  if (measuring) measureTo(point);
  else pick(...point);
});
canvas.addEventListener("pointercancel", () => { grip = null; });
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  view.zoomAt(event.offsetX, event.offsetY, 1.0016 ** event.deltaY);
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };
  if (steps[event.key]) view.pan(...steps[event.key]);
  else if (event.key === "+") view.fly(view.x, view.y, view.res / 2, 180);
  else if (event.key === "-") view.fly(view.x, view.y, view.res * 2, 180);
  else if (event.key === "Escape" && measuring) toggleMeasure();
  else return;
  event.preventDefault();
});
element("zoom-in").addEventListener("click", () => view.fly(view.x, view.y, view.res / 2, 180));
element("zoom-out").addEventListener("click", () => view.fly(view.x, view.y, view.res * 2, 180));
element("home").addEventListener("click", () => wholeTown(300));
element("print").addEventListener("click", () => window.print());

function wholeTown(milliseconds) {
  const res = Math.max(4900 / view.width, 3300 / view.height);
  return view.fly(360, 400, res, milliseconds);
}

// Measuring

element("measure").addEventListener("click", toggleMeasure);

function toggleMeasure() {
  measuring = !measuring;
  measure = [];
  element("measure").setAttribute("aria-pressed", String(measuring));
  element("measured").hidden = !measuring;
  element("measured").textContent = "Klicka i kartan för att mäta.";
  canvas.classList.toggle("measuring", measuring);
  redraw();
}

function measureTo(point) {
  measure.push(point);
  const legs = measure.slice(1).map((p, n) => Math.hypot(p[0] - measure[n][0], p[1] - measure[n][1]));
  if (legs.length) element("measured").textContent = `Sträcka: ${swedish.format(legs.reduce((a, b) => a + b, 0))} m`;
  redraw();
}

// Layers

async function light(box) {
  layers[box.name] = box.checked;
  redraw();
  const told = await fetch(`${path}/lager`, {
    method: "POST",
    body: new URLSearchParams({ lager: box.name, visas: box.checked ? "ja" : "nej" }),
  });
  if (!lostSession(told) && box.name === "planer" && chosen) info.load(chosen.d);
}

for (const box of document.querySelectorAll("#layers-body input")) {
  layers[box.name] = box.checked;
  box.addEventListener("change", () => light(box));
  if (box.checked !== box.defaultChecked) light(box); // somebody was quicker than this script
}
const fold = element("layers-fold");
function foldLayers(folded) {
  fold.setAttribute("aria-expanded", String(!folded));
  element("layers-body").hidden = folded;
}
fold.addEventListener("click", () => foldLayers(fold.getAttribute("aria-expanded") === "true"));
const narrow = window.matchMedia("(max-width: 900px)");
narrow.addEventListener("change", () => foldLayers(narrow.matches));
foldLayers(narrow.matches);

// The panel's own buttons

element("info-zoom").addEventListener("click", () => chosen && view.fly(chosen.x, chosen.y, 0.25));
element("info-close").addEventListener("click", () => {
  chosen = null;
  remember("");
  search.show("");
  info.words("words-start");
  redraw();
});

// The welcome box

const welcome = element("welcome");
if (welcome) {
  const close = () => welcome.remove();
  element("welcome-close").addEventListener("click", close);
  welcome.addEventListener("keydown", (event) => event.key === "Escape" && close());
  welcome.hidden = false;
  element("welcome-close").focus();
}

// Start

new ResizeObserver(() => view.resize()).observe(canvas);
wholeTown(1);

async function start() {
  try {
    const answer = await fetch(source);
    if (lostSession(answer)) return;
    ground = new Ground(await answer.json());
  } catch {
    element("map-wait").textContent = "Kartan kunde inte hämtas. Ladda om sidan.";
    element("map").setAttribute("aria-busy", "false");
    return;
  }
  element("map-wait").hidden = true;
  element("map").setAttribute("aria-busy", "false");
  redraw();
  if (asked) choose(asked);
}
start();
