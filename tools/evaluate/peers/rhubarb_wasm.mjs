// Mouth cues of npm rhubarb-lip-sync-wasm: node rhubarb_wasm.mjs PACKAGE_FOLDER, requests on stdin.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "./lines.mjs";

const { Rhubarb } = await import(pathToFileURL(join(process.argv[2], "dist", "index.js")));

await serve(async ({ path }) => {
  const file = readFileSync(path);
  // The port reads the ArrayBuffer from its first byte: a Buffer of Node's shared pool would give it other bytes.
  const pcm = Buffer.from(new ArrayBuffer(file.length));
  file.copy(pcm);
  const { mouthCues } = await Rhubarb.getLipSync(pcm);
  return mouthCues.map(({ start, value }) => [start, value]);
});
