// Runs beside the sound: what plays through it also goes to the page, as 16-bit samples, 20 ms at a time.

class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(Math.round(sampleRate / 50));
    this.filled = 0;
    this.sum = 0;
  }

  process(inputs) {
    const channel = inputs[0][0]; // missing while nothing is connected: silence
    for (let i = 0; i < 128; i++) {
      const sample = channel ? Math.max(-1, Math.min(1, channel[i])) : 0;
      this.sum += sample * sample;
      this.block[this.filled++] = Math.round(sample * 32767);
      if (this.filled === this.block.length) this.#send();
    }
    return true;
  }

  #send() {
    const level = Math.sqrt(this.sum / this.filled);
    this.port.postMessage({ samples: this.block, level }, [this.block.buffer]);
    this.block = new Int16Array(this.filled);
    this.filled = 0;
    this.sum = 0;
  }
}

registerProcessor("facerig-tap", Tap);
