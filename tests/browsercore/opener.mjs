// Asks the Worker that opens, in this Node, with answers of a server that are given beforehand.
import { text } from "node:stream/consumers";

const task = JSON.parse(await text(process.stdin));
const sent = [];

globalThis.fetch = async (url, { body } = {}) => {
  const path = url.replace("/api/v1/", "");
  const message = body ? JSON.parse(body) : null;
  if (message) {
    sent.push([path, message]);
  }
  const found = task.answers[path];
  const said = path === "mail" ? found[message.entry] : found;
  if (said === undefined) {
    return { ok: false, status: 404, json: async () => ({ code: "not_found" }) };
  }
  return { ok: true, status: said === null ? 204 : 200, json: async () => said };
};

const waiting = new Map();
globalThis.postMessage = (message) => waiting.get(message.id)(message);
await import("../../intake/browser/open.ts");

function call(name, asked) {
  const id = waiting.size;
  return new Promise((resolve) => {
    waiting.set(id, ({ answer, failed }) => resolve(failed ? { failed } : { answer }));
    globalThis.onmessage({ data: { id, name, asked } });
  });
}

const results = [];
for (const [name, asked] of task.calls) {
  results.push(await call(name, asked));
}
console.log(JSON.stringify({ results, sent }));
