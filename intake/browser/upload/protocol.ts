/**
 * What a page and its Worker for files say to each other.
 *
 * Rules: a page names its files by numbers of its own; a file's name and type are told to the
 * page, for the report, and never sent; `whole`, `failed` and a cancel end what is done for a
 * file until the page asks for more.
 */
import type { Evidence, Wish } from "../core/evidence.ts";
import type { Finding } from "../media/inspect.ts";

/** Look at a file, then send what is wished; with neither, only look at it. */
export interface Take extends Wish {
  readonly do: "take";
  readonly id: number;
  readonly file: Blob;
  readonly name: string;
}

/** She changed her mind: what is missing is sent, what was already sent stays. */
export interface Want extends Wish {
  readonly do: "want";
  readonly id: number;
}

/** Stop, remove what was sent, forget the file. */
export interface Cancel {
  readonly do: "cancel";
  readonly id: number;
}

/** From the page. */
export type Order = Take | Want | Cancel;

/**
 * Why a file does not arrive: it was `changed` since it was chosen, or is `unreadable`; it is
 * `too_large` for the server, whose disk is `full`; the server `refused` it, or it cannot be
 * sealed here.
 */
export type Failure = "changed" | "unreadable" | "too_large" | "full" | "refused";

/** What was found in a file, before anything of it is sent; `copied` is whether a copy is made. */
export interface Seen {
  readonly id: number;
  readonly event: "seen";
  readonly type: string;
  readonly found: readonly Finding[];
  readonly warning: string;
  readonly copied: boolean;
}

/** Sealed bytes of all that is wished of a file: how many have arrived, of how many. */
export interface Progress {
  readonly id: number;
  readonly event: "progress";
  readonly sent: number;
  readonly size: number;
}

/** The line is lost or the server busy: it goes on by itself. */
export interface Waiting {
  readonly id: number;
  readonly event: "waiting";
}

/** All that is wished has arrived: the original, then the copy. */
export interface Whole {
  readonly id: number;
  readonly event: "whole";
  readonly files: readonly Evidence[];
}

/** It was given up and what was sent of it is removed; the page may let it be taken anew. */
export interface Failed {
  readonly id: number;
  readonly event: "failed";
  readonly code: Failure;
}

/** From the Worker. */
export type News = Seen | Progress | Waiting | Whole | Failed;
