// Khronos' validator: node gltf_validate.mjs FILE -> its report as JSON.
import { readFileSync } from "node:fs";
import validator from "gltf-validator";

const data = new Uint8Array(readFileSync(process.argv[2]));
const report = await validator.validateBytes(data, { maxIssues: 100 });
process.stdout.write(JSON.stringify(report));
