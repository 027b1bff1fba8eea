"use strict";
// Draws the report from the JSON beside it. Lines are made a page at a time, for there may be ten thousand.
const report = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const PAGE = 50;
const COLOURS = { jaw: "#c4651c", smile: "#3f8f4f", pucker: "#8a5bb5", blink: "#888", brows: "#3677b8", frown: "#b83659" };
let shown = [];
let made = 0;
let current = -1;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function bytes(packed) {
  return Uint8Array.from(atob(packed || ""), (c) => c.charCodeAt(0));
}

function choices(select, title, values) {
  select.replaceChildren(make("option", { value: "" }, title), ...values.map((v) => make("option", { value: v }, v || "-")));
  select.hidden = values.length < 2;
}

function begin() {
  const look = report.entries.filter((e) => e.p >= 0.5).length;
  const c = report.changes;
  const changes = c.new === report.entries.length ? "" : ` Since the run before: ${c.changed} changed, ${c.same} the same, ` +
    `${c.new} new; ${c.worse} need a look that did not, ${c.better} no more.`;
  at("summary").textContent = `${look} of ${report.entries.length} lines probably need a person.${changes}`;
  at("legend").append("curves: ", ...Object.entries(COLOURS).map(([name, colour]) =>
    make("span", { style: `color:${colour}` }, `${name} `)), "· face at the widest and the most closed moment of each third");
  at("about").textContent = `Run ${report.run}, facerig ${report.version}.`;
  choices(at("character"), "all characters", [...new Set(report.entries.map((e) => e.character))].sort());
  choices(at("language"), "all languages", [...new Set(report.entries.map((e) => e.language))].sort());
  choices(at("sign"), "all signs", [...new Set(report.entries.flatMap((e) => e.signs.map((s) => s[0])))].sort());
  at("tables").append(totals("Character", report.characters), totals("Language", report.languages));
  for (const id of ["search", "character", "language", "sign", "order"]) at(id).addEventListener("input", filter);
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", key);
  new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting)) more(); }).observe(at("totals"));
  filter();
}

function totals(title, rows) {
  const head = make("tr", {}, ...[title, "lines", "to look at", "failed", "minutes"].map((t) => make("th", {}, t)));
  const body = Object.entries(rows).map(([name, r]) => make("tr", {}, ...[name, r.lines, r.look, r.failed,
    (r.seconds / 60).toFixed(1)].map((cell) => make("td", {}, String(cell)))));
  return make("table", {}, head, ...body);
}

function filter() {
  const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [character, language, sign, order] = ["character", "language", "sign", "order"].map((id) => at(id).value);
  shown = report.entries.filter((e) => (!character || e.character === character) && (!language || e.language === language) &&
    (!sign || e.signs.some((s) => s[0] === sign)) && words.every((w) => all(e).includes(w)));
  const keys = { p: (a, b) => b.p - a.p, changed: (a, b) => (b.changed ?? -1) - (a.changed ?? -1),
    out: (a, b) => a.out.localeCompare(b.out), secs: (a, b) => b.secs - a.secs };
  shown.sort(keys[order]);
  at("count").textContent = `${shown.length} lines`;
  at("lines").replaceChildren();
  made = 0;
  current = -1;
  more();
}

function all(e) {
  return `${e.out} ${e.text} ${e.character} ${e.place} ${e.signs.map((s) => s[1]).join(" ")}`.toLowerCase();
}

function more() {
  const next = shown.slice(made, made + PAGE);
  at("lines").append(...next.map(article));
  made += next.length;
}

function article(e) {
  const colour = e.p >= 0.5 ? "var(--bad)" : e.p >= 0.2 ? "var(--fair)" : "var(--good)";
  const facts = [e.character, e.language, e.emotion, `${e.secs.toFixed(1)} s`, e.place].filter(Boolean).join(" · ");
  const what = make("div", {}, make("div", { class: "name" }, e.out), make("div", { class: "quiet" }, facts));
  if (e.text) what.append(make("p", { class: "text" }, `“${e.text}”`));
  if (e.signs.length) what.append(make("ul", {}, ...e.signs.map((s) => make("li", {}, s[1]))));
  if (e.fix) what.append(make("div", { class: "quiet" }, e.fix));
  if (e.changed !== null && e.changed !== undefined) {
    what.append(make("div", { class: "quiet" }, `curves differ by ${(100 * e.changed).toFixed(1)} % from the run before`));
  }
  const canvas = make("canvas", { role: "img", "aria-label": "sound and curves" });
  const heard = make("div", {}, canvas);
  const one = make("article", { tabindex: "-1" },
    make("div", { class: "p", style: `color:${colour}`, title: "that a person must look" }, `${Math.round(100 * e.p)} %`), what, heard);
  if (e.sound) heard.append(player(e, canvas));
  if (e.faces.length) one.append(make("div", { class: "strip" }, ...e.faces.map((f, k) => make("figure", {},
    make("img", { src: `data:image/png;base64,${f}`, alt: `face at ${e.moments[k]} s`, loading: "lazy" }), `${e.moments[k]} s`))));
  requestAnimationFrame(() => draw(canvas, e, -1));
  return one;
}

function player(e, canvas) {
  const audio = make("audio", { controls: "", preload: "none", src: e.sound });
  const follow = () => {
    draw(canvas, e, audio.currentTime / Math.max(0.01, e.secs));
    if (!audio.paused) requestAnimationFrame(follow);
  };
  audio.addEventListener("play", follow);
  audio.addEventListener("seeked", follow);
  return audio;
}

function draw(canvas, e, now) {
  const scale = window.devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth * scale, canvas.clientHeight * scale];
  if (!w) return;
  canvas.width = w;
  canvas.height = h;
  const c = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const wave = bytes(e.wave);
  c.fillStyle = style.getPropertyValue("--wave");
  wave.forEach((v, k) => {
    const y = Math.max(scale, (v / 255) * h * 0.94);
    c.fillRect((k * w) / wave.length, (h - y) / 2, Math.max(1, w / wave.length - scale / 2), y);
  });
  c.lineWidth = 1.4 * scale;
  for (const [name, packed] of Object.entries(e.curves)) {
    const values = bytes(packed);
    c.strokeStyle = COLOURS[name] || "#888";
    c.beginPath();
    values.forEach((v, k) => c.lineTo(((k + 0.5) * w) / values.length, h - 2 * scale - (v / 255) * (h - 4 * scale)));
    c.stroke();
  }
  if (now >= 0) {
    c.fillStyle = style.getPropertyValue("--bad");
    c.fillRect(now * w, 0, 2 * scale, h);
  }
}

function key(event) {
  if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
  const lines = at("lines").children;
  if (event.key === "j" || event.key === "k") {
    if (event.key === "j" && current + 1 >= lines.length) more();
    current = Math.min(lines.length - 1, Math.max(0, current + (event.key === "j" ? 1 : -1)));
    for (const [k, line] of [...lines].entries()) line.classList.toggle("now", k === current);
    lines[current]?.scrollIntoView({ block: "center" });
    lines[current]?.focus({ preventScroll: true });
  } else if (event.key === " " && current >= 0 && event.target.tagName !== "AUDIO") {
    const audio = lines[current].querySelector("audio");
    if (audio) audio.paused ? audio.play() : audio.pause();
  } else return;
  event.preventDefault();
}

begin();
