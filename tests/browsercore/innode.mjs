// Runs `sealing.mjs` in this Node, with the primitives that its conditions choose.
import { text } from "node:stream/consumers";
import { perform } from "./sealing.mjs";

console.log(JSON.stringify(await perform(JSON.parse(await text(process.stdin)))));
