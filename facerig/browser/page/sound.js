// Where sound comes from: the microphone, a file, or silence, which a living face needs as well.
//
// One stream of samples without gaps: from the audio device's clock once that runs (browsers let it run after a
// click), before that from a timer.

const SILENCE_MS = 40;
const LONGEST_STEP_SECS = 0.3; // of silence at once, after the page was asleep
const DELAY_MOST_SECS = 2;

export class Sound {
  // heard(samples, level): the next samples of the stream; ended(): the file has played to its end
  constructor(heard, ended) {
    this.heard = heard;
    this.ended = ended;
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.kind = "silence";
    this.buffer = null; // the file that is loaded
    this.lastMs = performance.now();
    setInterval(() => this.#silence(), SILENCE_MS);
  }

  get rate() {
    return this.context.sampleRate;
  }

  // How much later than the page believes sound leaves the loudspeaker; only a file is heard.
  get outputSecs() {
    return this.kind === "file" ? this.context.outputLatency || this.context.baseLatency || 0 : 0;
  }

  async #started() {
    await this.context.resume();
    if (!this.tap) {
      this.tap = this.#load(); // once, however often asked
    }
    return this.tap;
  }

  async #load() {
    await this.context.audioWorklet.addModule("tap.js");
    const node = new AudioWorkletNode(this.context, "facerig-tap",
      { numberOfInputs: 1, numberOfOutputs: 1, channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }) => {
      this.tapping = true;
      this.lastMs = performance.now();
      this.heard(data.samples, data.level);
    };
    node.connect(this.context.destination); // it writes nothing there, but runs
    this.delay = new DelayNode(this.context, { maxDelayTime: DELAY_MOST_SECS });
    this.delay.connect(this.context.destination);
    return node;
  }

  #silence() {
    if (this.tapping && this.context.state === "running") return;
    const now = performance.now();
    const secs = Math.min((now - this.lastMs) / 1000, LONGEST_STEP_SECS);
    const n = Math.floor(secs * this.rate);
    if (n <= 0) return;
    this.lastMs = now;
    this.heard(new Int16Array(n), 0);
  }

  async microphone() {
    const tap = await this.#started();
    this.stop();
    this.stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: false, autoGainControl: false } });
    this.node = new MediaStreamAudioSourceNode(this.context, { mediaStream: this.stream });
    this.node.connect(tap);
    this.kind = "microphone";
  }

  async load(file) {
    this.buffer = await this.context.decodeAudioData(await file.arrayBuffer());
  }

  // The file goes to the face now and to the ear `delaySecs` later.
  async play(delaySecs) {
    const tap = await this.#started();
    this.stop();
    this.delay.delayTime.value = Math.min(delaySecs, DELAY_MOST_SECS);
    const node = new AudioBufferSourceNode(this.context, { buffer: this.buffer });
    node.connect(tap);
    node.connect(this.delay);
    node.onended = () => {
      if (this.node !== node) return;
      this.kind = "silence";
      this.node = null;
      this.ended();
    };
    node.start();
    this.node = node;
    this.kind = "file";
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    const node = this.node;
    this.stream = this.node = null;
    this.kind = "silence";
    node?.disconnect();
    node?.stop?.();
  }
}
