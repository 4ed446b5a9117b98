// Prints what the browser's modules call files of these names, and which characters they leave.
import { text } from "node:stream/consumers";
import { evidenceName } from "../../intake/browser/upload/names.ts";

const names = JSON.parse(await text(process.stdin));
const left = [];
for (let code = 0; code < 0x110000; code += 1) {
  const letter = String.fromCodePoint(code);
  if (evidenceName(letter) === letter) left.push(code);
}
console.log(JSON.stringify({ left, named: names.map(evidenceName) }));
