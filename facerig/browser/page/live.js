// The page: sound goes to the session, frames come back and are shown when their sound plays.

import { loadHead } from "./head.js";
import { Link } from "./link.js";
import { Panel } from "./panel.js";
import { Playout } from "./playout.js";
import { Plots } from "./plots.js";
import { Recording } from "./recording.js";
import { Sound } from "./sound.js";
import { Viewer } from "./viewer.js";

const GAZE_EVERY_MS = 120;
const FIGURES_EVERY_MS = 250;
const at = (id) => document.getElementById(id);

class Page {
  constructor(welcome, viewer) {
    this.curves = new Map(welcome.curves.map(([name], i) => [name, i]));
    this.labels = welcome.curves.map(([, label]) => label);
    this.fps = welcome.fps;
    this.viewer = viewer;
    this.playout = new Playout();
    this.plots = new Plots(at("plots"), this.curves, this.fps[0] / this.fps[1]);
    this.values = new Float32Array(this.curves.size);
    this.level = this.frames = this.restarts = 0;
    this.sound = new Sound((samples, level) => this.#heard(samples, level), () => this.#showSound());
    this.panel = new Panel((wishes) => this.link.direct(wishes));
    this.panel.fill(welcome);
    at("model").onchange = () => this.#open();
    this.#wireSound();
    this.#wireEyes();
    at("calm").onclick = () => this.panel.calm();
    at("record").onclick = () => this.#record();
    setInterval(() => this.#figures(), FIGURES_EVERY_MS);
    requestAnimationFrame((now) => this.#draw(now));
  }

  start(link) {
    this.link = link;
    this.#open();
  }

  #open() {
    this.openedRate = this.sound.rate;
    this.link.open(this.openedRate, at("model").value);
  }

  opened({ lookahead_secs: lookahead, rate }) {
    this.playout.begin(rate, this.fps[0] / this.fps[1], lookahead);
    this.link.direct(this.panel.changed());
    notice("");
  }

  came(frames) {
    this.playout.came(frames, performance.now(), this.sound.kind === "file");
    this.frames += frames.rows.length;
    if (this.playout.tooLate && !this.link.opening) { // this computer cannot keep up, or was asleep
      this.restarts++;
      this.#open();
    }
  }

  #heard(samples, level) {
    this.level = Math.max(level, this.level * 0.8);
    if (!this.link?.ready) return;
    if (this.sound.rate !== this.openedRate) { // another sound card
      this.#open();
      return;
    }
    this.link.hear(samples);
    this.playout.passed(samples.length, performance.now());
  }

  #draw() {
    for (const [, values] of this.playout.due(performance.now(), this.sound.outputSecs)) {
      this.values = values;
      this.fresh = true;
      this.plots.add(values);
      if (this.recording && !this.recording.add(values)) this.#record();
    }
    if (this.fresh) this.viewer.pose((name) => this.values[this.curves.get(name)]);
    if (this.fresh) this.plots.draw();
    this.viewer.draw(this.fresh);
    this.fresh = false;
    requestAnimationFrame(() => this.#draw());
  }

  // ---- voice ----

  #wireSound() {
    at("microphone").onclick = () => this.#try(async () => {
      if (this.sound.kind === "microphone") this.sound.stop();
      else await this.sound.microphone();
    });
    at("choose").onclick = () => at("file").click();
    at("file").onchange = () => at("file").files[0] && this.#speak(at("file").files[0]);
    at("play").onclick = () => this.#try(async () => {
      if (this.sound.kind === "file") this.sound.stop();
      else await this.sound.play(this.playout.delaySecs);
    });
    const stage = at("stage");
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
      stage.addEventListener(kind, (event) => {
        event.preventDefault();
        at("drop").hidden = kind === "drop" || (kind === "dragleave" && !stage.contains(event.relatedTarget));
        if (kind === "drop" && event.dataTransfer.files[0]) this.#speak(event.dataTransfer.files[0]);
      });
    }
  }

  #speak(file) {
    return this.#try(async () => {
      at("name").textContent = file.name;
      await this.sound.load(file).catch(() => {
        throw new Error(`${file.name} is no sound that this browser can read`);
      });
      at("play").disabled = false;
      await this.sound.play(this.playout.delaySecs);
    });
  }

  async #try(task) {
    notice("");
    try {
      await task();
    } catch (error) {
      notice(error.name === "NotAllowedError" ? "The browser does not let this page listen" : error.message);
    }
    this.#showSound();
  }

  #showSound() {
    at("microphone").setAttribute("aria-pressed", this.sound.kind === "microphone");
    at("play").textContent = this.sound.kind === "file" ? "Stop" : "Play";
  }

  // ---- eyes ----

  #wireEyes() {
    const canvas = at("head");
    let toldMs = 0;
    const share = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    canvas.onpointermove = (event) => {
      if (event.buttons & 1) this.viewer.orbit(event.movementX / canvas.clientWidth, event.movementY / canvas.clientHeight);
      if (!at("follow").checked || event.timeStamp - toldMs < GAZE_EVERY_MS) return;
      toldMs = event.timeStamp;
      this.link.direct({ gaze: this.viewer.pointed(...share(event)) });
    };
    canvas.onpointerleave = () => at("follow").checked && this.link.direct({ gaze: "camera" });
    canvas.onpointerdown = (event) => canvas.setPointerCapture(event.pointerId);
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.viewer.scale(Math.exp(-event.deltaY / 600));
    }, { passive: false });
    at("follow").onchange = () => at("follow").checked || this.link.direct({ gaze: "camera" });
    at("blink").onclick = () => this.link.direct({ blink: true });
  }

  // ---- curves ----

  #record() {
    if (this.recording) this.recording.download("facerig-live.csv");
    this.recording = this.recording ? null : new Recording(this.labels, this.fps);
    at("record").setAttribute("aria-pressed", Boolean(this.recording));
    at("record").textContent = this.recording ? "Stop and save" : "Record";
  }

  #figures() {
    const ms = (secs) => `${Math.round(secs * 1000)} ms`, { playout } = this;
    at("lookahead").textContent = ms(playout.lookaheadSecs);
    at("onTop").textContent = ms(Math.max(0, playout.delaySecs - playout.lookaheadSecs));
    at("computing").textContent = ms(playout.computeSecs);
    at("delay").textContent = ms(playout.delaySecs + this.sound.outputSecs);
    at("level").firstElementChild.style.transform = `scaleX(${Math.min(1, this.level * 4)})`;
    if (this.recording) at("recorded").textContent = `${this.recording.secs.toFixed(1)} s`;
  }
}

function notice(text) {
  at("notice").textContent = text;
  at("notice").hidden = !text;
}

async function begin() {
  let page, lost = false;
  const viewer = loadHead(`head.bin${location.search}`).then((head) => new Viewer(at("head"), head));
  const link = new Link({
    welcome: (message) => viewer.then((ready) => {
      page = new Page(message, ready);
      page.start(link);
      window.facerig = page; // for whoever opens the console
    }).catch((error) => notice(error.message)),
    opened: (message) => page.opened(message),
    refused: ({ what, fix }) => notice(`${what}. ${fix}`),
    frames: (frames) => page.came(frames),
    closed: (reason) => {
      if (!lost) notice(`${reason}. Start facerig live again, and open the address that it prints`);
      lost = true;
    },
  });
}

begin();
