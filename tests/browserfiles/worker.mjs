// The Worker's modules in this Node: orders come in as JSON lines, news goes out as JSON lines.
// The first line says to which server, and how long a second of patience is here.
import { openAsBlob } from "node:fs";
import { createInterface } from "node:readline";
import { Line } from "../../intake/browser/upload/line.ts";
import { Pace } from "../../intake/browser/upload/pace.ts";
import { Patience } from "../../intake/browser/upload/patience.ts";
import { Queue } from "../../intake/browser/upload/queue.ts";
import { Sender } from "../../intake/browser/upload/sender.ts";

const random = (count) => crypto.getRandomValues(new Uint8Array(count));
const say = (news) => process.stdout.write(`${JSON.stringify(news)}\n`);

// Files as browsers have them, which Node's are not: with a time, or gone.
const kinds = {
  touched: (blob) => {
    let reads = 0;
    const slice = (start, end) => {
      reads += 1;
      return blob.slice(start, end);
    };
    return {
      size: blob.size,
      slice,
      get lastModified() {
        return reads;
      },
    };
  },
  removed: ({ size }) => {
    const error = new DOMException("no such file", "NotFoundError");
    return { size, slice: () => ({ arrayBuffer: () => Promise.reject(error) }) };
  },
  short: (blob) => ({ size: blob.size + 1, slice: (start, end) => blob.slice(start, end) }),
};

let queue;
let patience;
for await (const line of createInterface({ input: process.stdin })) {
  const { path, kind, ...order } = JSON.parse(line);
  if (order.do === "start") {
    patience = new Patience(order.second);
    const sender = new Sender(new Line(order.origin), patience, new Pace(), random);
    queue = new Queue(sender, say, random);
  } else if (order.do === "wake") {
    patience.wake();
  } else if (path === undefined) {
    queue.hear(order);
  } else {
    const blob = await openAsBlob(path);
    queue.hear({ ...order, file: kind ? kinds[kind](blob) : blob });
  }
}
process.exit(0);
