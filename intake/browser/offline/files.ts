// The script of the Worker that seals chosen files and gives them back to the page.
import type { Bytes } from "../bytes.ts";
import { Patience } from "../upload/patience.ts";
import type { News, Order } from "../upload/protocol.ts";
import { Queue } from "../upload/queue.ts";
import { Sender } from "../upload/sender.ts";
import { type Given, Keeper } from "./kept.ts";

/** The first message: how large a sealed file may be, in bytes. */
export interface Bound {
  readonly do: "bound";
  readonly most: number;
}

/** What a Worker's global object has; the compiler knows that of pages only. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Order | Bound>) => void) | null;
  postMessage(news: News | Given): void;
}

// There is no line to be slow: whole pieces of the digest.
const PIECE = 4 * 1024 * 1024;

const scope = globalThis as unknown as WorkerScope;
const keeper = new Keeper((given) => scope.postMessage(given), random);
const pace = { size: PIECE, arrived: () => undefined, broke: () => undefined };
const sender = new Sender(keeper, new Patience(), pace, random);
const queue = new Queue(sender, (news) => scope.postMessage(news), random);

scope.onmessage = ({ data }) => {
  if (data.do === "bound") {
    keeper.most = data.most;
  } else {
    queue.hear(data);
  }
};

function random(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count));
}
