/**
 * Everything that was given, opened: cases with what was said in order, the evidence beside it, and
 * what had to be set aside.
 *
 * Rules: one file that cannot be used stops no other; a message counts as its writer's by the MAC
 * under the key in the one report that this office got of the case; evidence is found by its id, or
 * by the key that opens it.
 */
import { type Bytes, hex } from "../bytes.ts";
import type { Json } from "../core/canonical.ts";
import { encode } from "../core/canonical.ts";
import type { Found } from "../core/entries.ts";
import type { ReportBody } from "../core/entry.ts";
import type { Evidence } from "../core/evidence.ts";
import { derive } from "../crypto/derive.ts";
import { hmac } from "../primitives/hashing.ts";
import { type AsideCode, AsideError } from "../errors.ts";
import { fileKey } from "./evidence.ts";
import type { Facts } from "./facts.ts";
import { type Named, openEntry, type Parts, parts } from "./sealed.ts";
import { contents, isTar } from "./tar.ts";
import { thread } from "./thread.ts";

/** What the form saves beside the sealed files: it tells nothing that they do not. */
const LIST = "filing.json";
/** Files are tried with keys so often, some seconds: a hostile report could name far more of them. */
const TRIES = 2000;

/** A file of which an entry tells, and the sealed one where it was given. */
export interface File {
  readonly told: Evidence;
  readonly sealed: Blob | null;
}

export interface Shown {
  readonly found: Found;
  /** Whether its writer could be checked. */
  readonly isChecked: boolean;
  /** How many entries its writer had seen that are not here. */
  readonly missing: number;
  readonly files: readonly File[];
}

export interface Case {
  readonly id: string;
  readonly shown: readonly Shown[];
}

/** A file that was not used, and why. */
export interface Aside {
  readonly name: string;
  readonly error: AsideError;
}

export interface Opened {
  readonly cases: readonly Case[];
  readonly aside: readonly Aside[];
}

interface From {
  readonly found: Found;
  readonly name: string;
}

/** What could not be opened with an identity: evidence, or to be set aside. */
interface Left extends Aside {
  readonly content: Blob;
}

/** Open what was given; `tell` hears how many files of how many are done. */
export async function openAll(
  given: readonly Named[],
  seeds: readonly Bytes[],
  facts: Facts,
  tell: (done: number, of: number) => void,
): Promise<Opened> {
  const aside: Aside[] = [];
  const files = await unpacked(given, aside);
  const entries: From[] = [];
  const left: Left[] = [];
  for (const [at, file] of files.entries()) {
    tell(at, files.length);
    try {
      entries.push({ found: await openEntry(file, seeds, facts), name: file.name });
    } catch (error) {
      left.push({ ...file, error: reason(error) });
    }
  }
  const checked = await checkedOf(entries, aside);
  const matched = await matches(checked, left);
  aside.push(...left.filter(({ content }) => !matched.used.has(content)).map(named));
  return { cases: casesOf(checked, matched.found, aside), aside };
}

/** Return why something failed: what nobody foresaw is a file that could not be read. */
export function reason(error: unknown): AsideError {
  return error instanceof AsideError ? error : new AsideError("unreadable");
}

async function unpacked(given: readonly Named[], aside: Aside[]): Promise<readonly Named[]> {
  const files: Named[] = [];
  for (const file of given) {
    try {
      if (await isTar(file.content)) {
        const { members, problem } = await contents(file.content);
        files.push(...members.filter(({ name }) => name !== LIST));
        if (problem) {
          aside.push({ name: file.name, error: problem });
        }
      } else if (file.name !== LIST) {
        files.push(file);
      }
    } catch (error) {
      aside.push({ name: file.name, error: reason(error) });
    }
  }
  return files;
}

/** Evidence that no report names is no report: its name says so. */
function named({ name, error }: Left): Aside {
  const isEvidence = /^[0-9a-f]{32}\.age$/.test(name) && error.code === "closed";
  return { name, error: isEvidence ? new AsideError("unnamed") : error };
}

/** Return the entries whose writer is who it says, or cannot be checked; the others are set aside. */
async function checkedOf(
  entries: readonly From[],
  aside: Aside[],
): Promise<ReadonlyMap<Found, { readonly isChecked: boolean; readonly name: string }>> {
  const reports = new Map<string, ReportBody[]>();
  for (const { found } of entries) {
    if (found.body.type === "report") {
      reports.set(place(found), [...(reports.get(place(found)) ?? []), found.body]);
    }
  }
  const checked = new Map<Found, { isChecked: boolean; name: string }>();
  for (const { found, name } of entries) {
    const [report, second] = reports.get(place(found)) ?? [];
    const isReport = found.body.type === "report";
    const code = isReport || !report || second ? "" : await forgery(found, report);
    if (code) {
      aside.push({ name, error: new AsideError(code) });
    } else {
      // Anybody can seal a second report that claims the case: then nothing can be said.
      checked.set(found, { isChecked: isReport || (report !== undefined && !second), name });
    }
  }
  return checked;
}

function place({ office, case: ofCase }: Found): string {
  return `${ofCase} ${office}`;
}

/** Return why an entry was not written by who it says; empty where it was. */
async function forgery(found: Found, { message_key: text }: ReportBody): Promise<AsideCode | ""> {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    return "unsigned";
  }
  const bytes = text.match(/../g) ?? [];
  const secret = Uint8Array.from(bytes, (byte) => parseInt(byte, 16));
  const key = await derive(secret, `mac/${found.direction}`);
  const covered = { ...(found.written as { readonly [name: string]: Json }), mac: "" };
  return hex(await hmac(key, encode(covered))) === found.mac ? "" : "forged";
}

/** Return the sealed file of each one told of, by its id, or by its key among what is left. */
async function matches(
  entries: ReadonlyMap<Found, unknown>,
  left: readonly Left[],
): Promise<{ found: ReadonlyMap<Evidence, Blob>; used: ReadonlySet<Blob> }> {
  const found = new Map<Evidence, Blob>();
  const used = new Set<Blob>();
  const read = new Map<Blob, Parts | null>();
  for (const { content } of left) {
    read.set(content, await parts(content).catch(() => null));
  }
  let tries = 0;
  for (const told of [...entries.keys()].flatMap(evidenceOf)) {
    const byName = left.filter(({ name }) => name === `${told.id}.age`);
    const others = left.filter((one) => !byName.includes(one) && one.error.code === "closed");
    for (const [at, { content }] of [...byName, ...others].entries()) {
      tries += at > 0 || byName.length === 0 ? 1 : 0;
      if (tries > TRIES) {
        break;
      }
      if (await fits(told, read.get(content) ?? null)) {
        found.set(told, content);
        break;
      }
    }
    // One of its name that does not open says itself what is wrong with it.
    const [first] = byName;
    if (!found.has(told) && first) {
      found.set(told, first.content);
    }
    const sealed = found.get(told);
    if (sealed) {
      used.add(sealed);
    }
  }
  return { found, used };
}

async function fits(told: Evidence, sealed: Parts | null): Promise<boolean> {
  return sealed !== null && fileKey(told, sealed).then(
    () => true,
    () => false,
  );
}

function evidenceOf({ body }: Found): readonly Evidence[] {
  return body.type === "report" || body.type === "addition" ? body.evidence : [];
}

/** Return the cases: what was checked before what was not, office by office, each in its order. */
function casesOf(
  checked: Awaited<ReturnType<typeof checkedOf>>,
  files: ReadonlyMap<Evidence, Blob>,
  aside: Aside[],
): readonly Case[] {
  const found = [...checked.keys()];
  return unique(found.map((one) => one.case)).map((id) => {
    const shown: Shown[] = [];
    for (const isChecked of [true, false]) {
      const mine = found.filter((one) => one.case === id && checked.get(one)?.isChecked === isChecked);
      for (const office of unique(mine.map((one) => one.office))) {
        const made = thread(mine.filter((one) => one.office === office));
        for (const one of made.repeated) {
          aside.push({ name: checked.get(one)?.name ?? "", error: new AsideError("twice") });
        }
        for (const one of made.entries) {
          const missing = isChecked ? (made.missing.get(one) ?? 0) : 0;
          const own = evidenceOf(one).map((told) => ({ told, sealed: files.get(told) ?? null }));
          shown.push({ found: one, isChecked, missing, files: own });
        }
      }
    }
    return { id, shown };
  });
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
