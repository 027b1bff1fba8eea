// mmd-parser, the reader behind three.js's MMDLoader: node vmd_mmd_parser.mjs FILE -> its keys as JSON.
import { readFileSync } from "node:fs";
import mmd from "mmd-parser";

const { Parser } = mmd;
const data = readFileSync(process.argv[2]);
const buffer = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
const motion = new Parser().parseVmd(buffer, false);
process.stdout.write(JSON.stringify({
  model: motion.metadata.name,
  bones: motion.motions.map((key) => [key.boneName, key.frameNum, [...key.rotation], [...key.interpolation]]),
  morphs: motion.morphs.map((key) => [key.morphName, key.frameNum, key.weight]),
}));
