// Which frame is shown now. Frames carry their place in the sound; the page knows when that sound was taken.

const LATEST_SECS = 3;      // what stays later than this begins a new stream
const MOST_ON_TOP_SECS = 1; // that the face waits for late frames; later ones are left out
const MARGIN_SECS = 0.008;  // on top of what most frames need
const START_SECS = 0.06;    // the first guess of what comes on top of the look-ahead
const WINDOW = 120;         // chunks of frames that the estimate looks back on
const KEPT_SECS = 3;        // of frames that wait

export class Playout {
  constructor() {
    this.begin(48000, 60, 0);
  }

  begin(rate, fps, lookaheadSecs) {
    Object.assign(this, { rate, fps, lookaheadSecs });
    this.sent = 0;             // samples of this stream
    this.offsetSecs = null;    // clock of the page minus time of the stream
    this.frames = new Map();   // index -> values
    this.shown = -1;
    this.newest = -1;
    this.onTop = [];           // secs beyond the look-ahead, of the last chunks
    this.computeSecs = 0;
    this.delaySecs = lookaheadSecs + START_SECS;
  }

  // Samples left for the session.
  passed(n, nowMs) {
    this.sent += n;
    const offset = nowMs / 1000 - this.sent / this.rate;
    if (this.offsetSecs === null || offset < this.offsetSecs) this.offsetSecs = offset; // the earliest is the truest
    else this.offsetSecs += (offset - this.offsetSecs) * 0.005; // clocks of sound and page drift apart
  }

  // Frames came. steady: a file plays by the delay as it is, so that it may only grow.
  came({ first, rows, computeSecs }, nowMs, steady) {
    rows.forEach((row, i) => this.frames.set(first + i, row));
    this.newest = first + rows.length - 1;
    this.computeSecs += (computeSecs - this.computeSecs) * 0.05;
    this.onTop.push(this.positionSecs(nowMs) - first / this.fps - this.lookaheadSecs);
    if (this.onTop.length > WINDOW) this.onTop.shift();
    const need = this.lookaheadSecs + Math.min(this.onTopSecs + MARGIN_SECS, MOST_ON_TOP_SECS);
    if (need > this.delaySecs || (!steady && this.onTop.length === WINDOW)) this.delaySecs = need;
    for (const index of this.frames.keys()) {
      if (index >= this.newest - KEPT_SECS * this.fps) break;
      this.frames.delete(index);
    }
  }

  // What 95 of 100 chunks stay below.
  get onTopSecs() {
    if (!this.onTop.length) return 0;
    const sorted = [...this.onTop].sort((a, b) => a - b);
    return Math.max(0, sorted[Math.floor((sorted.length - 1) * 0.95)]);
  }

  get tooLate() {
    return this.onTop.length > 3 && this.onTop.slice(-3).every((secs) => secs > LATEST_SECS);
  }

  positionSecs(nowMs) {
    return nowMs / 1000 - (this.offsetSecs ?? nowMs / 1000);
  }

  // The frames that became due since the last call, oldest first: [index, values]; the last one is to be shown.
  due(nowMs, extraSecs) {
    const last = Math.min(Math.floor((this.positionSecs(nowMs) - this.delaySecs - extraSecs) * this.fps), this.newest);
    const out = [];
    for (let index = this.shown + 1; index <= last; index++) {
      const row = this.frames.get(index);
      if (row) out.push([index, row]);
      this.frames.delete(index);
    }
    this.shown = Math.max(this.shown, last);
    return out;
  }
}
