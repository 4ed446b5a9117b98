/**
 * What a witness reads of her case, opened and checked; each that does not hold is set aside for
 * what it is, and never keeps the others from her.
 *
 * Rules: a reply counts as an office's only by the MAC under the key that this office alone got;
 * what it had seen must be here, or something was kept from her; nothing that she wrote is shown.
 */
import { unbase64 } from "../bytes.ts";
import { type StubBody, WITNESS } from "../core/entry.ts";
import { inOrder, misplaced, parse, type Read } from "../core/reading.ts";
import { authenticate } from "../crypto/derive.ts";
import { open } from "../crypto/open.ts";
import { EntryError, KeyTextError, OpenError } from "../errors.ts";
import type { Case } from "./case.ts";
import { fingerprints } from "./filing.ts";
import type { CaseState, Sealed } from "./wire.ts";

/**
 * Why an entry was set aside: it does not open under her words; it was altered; somebody else
 * wrote it; it belongs to another case, kind or office; the server names it and does not give it.
 */
export type Reason = "closed" | "altered" | "forged" | "misplaced" | "missing";

/** An entry of her mail as it was found; `read` is null where it was set aside. */
export interface Found {
  readonly entry: string;
  readonly reason: Reason | null;
  readonly read: Read | null;
}

/** One reply, as a page shows it. */
export interface Reply {
  readonly entry: string;
  readonly office: string;
  /** The day when its writer wrote it. */
  readonly day: string;
  readonly text: string;
  /** Groups of questions that she is asked to answer. */
  readonly asks: readonly string[];
  /** Whether its writer had seen something that was not given to her. */
  readonly isAfterGap: boolean;
}

/** One that is not shown, and why. */
export interface Aside {
  readonly entry: string;
  readonly reason: Reason;
}

export interface Thread {
  readonly replies: readonly Reply[];
  readonly aside: readonly Aside[];
  /** Keyed offices to which other keys are handed out now than when she filed. */
  readonly changed: readonly string[];
}

type Mail = CaseState["mail"][number];

/** Open and check an entry of her mail. */
export async function find(of: Case, mail: Mail, sealed: Sealed | null): Promise<Found> {
  const aside = (reason: Reason): Found => ({ entry: mail.entry, reason, read: null });
  let read: Read;
  try {
    const parts = {
      header: unbase64(String(sealed?.header)),
      payload: unbase64(String(sealed?.payload)),
    };
    read = parse(await open(parts, await of.keys.seed()));
  } catch (error) {
    if (error instanceof OpenError) {
      return aside(error.code);
    }
    if (error instanceof EntryError || error instanceof KeyTextError) {
      return aside("altered");
    }
    throw error;
  }
  const outer = { case: of.state.case, kind: mail.kind, id: mail.entry };
  const { programme, offices } = of.programme;
  const ids = offices.map((office) => office.id);
  if (misplaced(read, outer, programme, ids)) {
    return aside("misplaced");
  }
  const { mac } = await authenticate(read, await of.keys.messageKey(read.office));
  return mac === read.mac ? { entry: mail.entry, reason: null, read } : aside("forged");
}

/** Return what a page shows of what was found. */
export async function thread(of: Case, found: readonly Found[]): Promise<Thread> {
  const reads = found.flatMap(({ read }) => (read ? [read] : []));
  const replies: Reply[] = [];
  const named = new Set<string>();
  for (const read of inOrder(reads.filter(({ kind }) => kind === "reply"))) {
    const { id, office, date, body, seen } = read;
    if (body.type === "text") {
      const { text, asks } = body;
      const lacking = (await missing(of, office, seen)).filter((one) => !named.has(one));
      // Each once, at the first that names it.
      lacking.forEach((one) => named.add(one));
      const isAfterGap = lacking.length > 0;
      replies.push({ entry: id, office, day: date.slice(0, 10), text, asks, isAfterGap });
    }
  }
  const aside = found.flatMap(({ entry, reason }) => (reason ? [{ entry, reason }] : []));
  const stub = reads.find(({ office, body }) => office === WITNESS && body.type === "stub");
  return { replies, aside, changed: stub ? await changed(of, stub.body as StubBody) : [] };
}

/** Return the replies of each office that are its own. */
export function checked(found: readonly Found[]): Map<string, string[]> {
  const replies = new Map<string, string[]>();
  for (const { read } of found) {
    if (read?.kind === "reply") {
      replies.set(read.office, [...(replies.get(read.office) ?? []), read.id]);
    }
  }
  return replies;
}

/**
 * Return what the writer of a reply had seen and is nowhere: neither hers, nor a reply that is
 * here, nor one that she deleted.
 */
async function missing(of: Case, office: string, seen: readonly string[]): Promise<string[]> {
  const known = new Set([...(await of.own(office)), ...of.state.mail.map(({ entry }) => entry)]);
  const found: string[] = [];
  for (const id of seen) {
    if (!known.has(id) && !of.state.additions.includes(await discarded(of, id))) {
      found.push(id);
    }
  }
  return found;
}

/** Return the mark by which she knows later that it was she who deleted a reply. */
export function discarded(of: Case, reply: string): Promise<string> {
  return of.keys.addition(`discarded/${reply}`, 0);
}

async function changed(of: Case, stub: StubBody): Promise<string[]> {
  const found: string[] = [];
  for (const [office, before] of Object.entries(stub.keys)) {
    const now = await fingerprints(of.programme, office);
    if (now.some((key) => !before.includes(key))) {
      found.push(office);
    }
  }
  return found;
}
