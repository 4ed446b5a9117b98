// The script of the Worker that seals chosen files and sends them: orders come in, news go out.
import type { Bytes } from "./bytes.ts";
import { Line } from "./upload/line.ts";
import { Pace } from "./upload/pace.ts";
import { Patience } from "./upload/patience.ts";
import type { News, Order } from "./upload/protocol.ts";
import { Queue } from "./upload/queue.ts";
import { Sender } from "./upload/sender.ts";

/** What a Worker's global object has; the compiler knows that of pages only. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(news: News): void;
  addEventListener(type: "online", listener: () => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const patience = new Patience();
const sender = new Sender(new Line(), patience, new Pace(), random);
const queue = new Queue(sender, (news) => scope.postMessage(news), random);

scope.onmessage = ({ data }) => queue.hear(data);
scope.addEventListener("online", () => patience.wake());

function random(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count));
}
