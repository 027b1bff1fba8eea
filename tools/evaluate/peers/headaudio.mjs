// Viseme weights of npm @met4citizen/headaudio, by its own worklet, classifier and easing, outside a browser.
// node headaudio.mjs PACKAGE_FOLDER, requests on stdin. Web Audio is stood in for by the few names that it touches.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "./lines.mjs";

const packageFolder = process.argv[2];
const BLOCK = 128; // samples that Web Audio hands a worklet
const FPS = 60; // of the animation loop that calls update()
// Its defaults: with the gate of its README example (-60) it sealed fewer p/b/m at the same chance.
const SETTINGS = { vadGateActiveDb: -40, vadGateInactiveDb: -50 };

let Worklet;
let ports; // of the node and of the processor, to be taken by the next ones made

class Port {
  postMessage(data) {
    this.other.onmessage?.({ data });
  }
}

function pairOfPorts() {
  const [node, processor] = [new Port(), new Port()];
  node.other = processor;
  processor.other = node;
  return { node, processor };
}

globalThis.sampleRate = 16000;
globalThis.AudioWorkletNode = class {
  constructor() {
    this.port = ports.node;
    this.parameters = new Map();
  }
};
globalThis.AudioWorkletProcessor = class {
  constructor() {
    this.port = ports.processor;
  }
};
globalThis.registerProcessor = (_name, made) => {
  Worklet = made;
};
globalThis.fetch = async (path) => {
  const file = readFileSync(path);
  return { ok: true, arrayBuffer: async () => new Uint8Array(file).buffer };
};

const module = (...parts) => import(pathToFileURL(join(packageFolder, ...parts)));
await module("modules", "headworklet.mjs");
const { HeadAudio } = await module("modules", "headaudio.mjs");

function parametersOf(worklet) {
  const named = worklet.constructor.parameterDescriptors.map(({ name, defaultValue }) => [name, defaultValue]);
  const values = { ...Object.fromEntries(named), ...SETTINGS };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, new Float32Array([value])]));
}

await serve(async ({ path, sampleRate }) => {
  globalThis.sampleRate = sampleRate;
  const bytes = new Uint8Array(readFileSync(path));
  const audio = new Float32Array(bytes.buffer);

  ports = pairOfPorts();
  const worklet = new Worklet({ processorOptions: {}, parameterData: SETTINGS });
  const node = new HeadAudio({}, { parameterData: SETTINGS });
  await node.loadModel(join(packageFolder, "dist", "model-en-mixed.bin"));

  const weights = Object.fromEntries(node.visemeNames.map((name) => [name, 0]));
  node.onvalue = (name, value) => {
    weights[name] = value;
  };
  const parameters = parametersOf(worklet);
  const frames = [];
  for (let first = 0; first < audio.length; first += BLOCK) {
    worklet.process([[audio.subarray(first, first + BLOCK)]], [], parameters);
    while (frames.length / FPS <= (first + BLOCK) / sampleRate) {
      node.update(1000 / FPS);
      frames.push(node.visemeNames.map((name) => Number(weights[name].toFixed(4))));
    }
  }
  return { fps: FPS, names: node.visemeNames.map((name) => name.replace("viseme_", "")), frames };
});
