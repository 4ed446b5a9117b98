/**
 * What derives from a filing secret, from a receipt and from a message key; the same values as
 * `intake.crypto.derive`.
 *
 * Rules: every derived value has its own label; case id and receipt derive from the filing
 * secret, never the reverse; nothing here can be turned back.
 */
import { type Bytes, concat, hex, uint64, utf8 } from "../bytes.ts";
import { authenticated, type Entry, WITNESS } from "../core/entry.ts";
import { make, type Places, secret as receiptSecret } from "../core/receipt.ts";
import { ReportError } from "../errors.ts";
import { hmac, pbkdf2, sha256 } from "../primitives/hashing.ts";
import { recipientOf } from "./age.ts";
import { deriveKey } from "./hkdf.ts";

// 102 random bits need no stretching; the rounds only keep the derivation off a fast path.
const PBKDF2_ROUNDS = 4096;
const SECRET_BYTES = 32;

/** Return `length` bytes, at most 32, bound to a label. */
export async function derive(secret: Bytes, label: string, length = SECRET_BYTES): Promise<Bytes> {
  const key = await deriveKey(secret, new Uint8Array(0), utf8(`intake/v1/${label}`));
  return key.slice(0, length);
}

/** Return the id of a case that was filled in without a line: bound to its mailbox. */
export async function caseOf(mailbox: Bytes): Promise<string> {
  return hex((await sha256(concat(utf8("intake/case-of-mailbox/v1"), mailbox))).slice(0, 16));
}

/** 32 random bytes held by the page being filled in. */
export class FilingSecret {
  readonly #value: Bytes;

  constructor(value: Bytes) {
    if (value.length !== SECRET_BYTES) {
      throw new ReportError("the page's secret is damaged, fill in the form again");
    }
    this.#value = value;
  }

  /** Return the id of the case: 128 bits in hex. */
  async case(): Promise<string> {
    return hex(await derive(this.#value, "case", 16));
  }

  /** Return the ten words that this filing will answer with, each time it is sent. */
  async receipt(): Promise<Places> {
    return make(await derive(this.#value, "receipt", 13));
  }

  /** Return the HMAC over a form and its offices: two sendings agree or conflict by it. */
  digest(...parts: readonly Bytes[]): Promise<Bytes> {
    return digest(this.#value, parts);
  }

  /** Return what stands for a mailbox where she wants no way back: no words open it. */
  async noMailbox(): Promise<Bytes> {
    return sha256(await derive(this.#value, "no-mailbox"));
  }

  /** Return an office's key for its own notes where she wants no way back: no words give it. */
  noteKey(office: string): Promise<Bytes> {
    return derive(this.#value, `note/${office}`);
  }
}

/** What a witness's ten words give in one programme. */
export class WitnessKeys {
  readonly #secret: Bytes;

  /** Take the 32 bytes that words give; `of` makes them. */
  constructor(secret: Bytes) {
    this.#secret = secret;
  }

  /** Stretch the receipt's 110 bits, salted with the programme's id. */
  static async of(receipt: Places, programme: string): Promise<WitnessKeys> {
    return new WitnessKeys(await pbkdf2(receiptSecret(receipt), utf8(programme), PBKDF2_ROUNDS));
  }

  /** Return the id of what one office gets of the report or of an addition. */
  async entry(addition: string, office: string): Promise<string> {
    return hex(await derive(this.#secret, `entry/${addition}/${office}`, 16));
  }

  /** Return the id of what the filing browser seals to these words. */
  stub(): Promise<string> {
    return this.entry("stub", WITNESS);
  }

  /** Return the id under which the server remembers an addition: 128 bits in hex. */
  async addition(group: string, number: number): Promise<string> {
    return hex(await derive(this.#secret, `addition/${group}/${number}`, 16));
  }

  /** Return the HMAC over an addition: two sendings agree or conflict by it. */
  digest(...parts: readonly Bytes[]): Promise<Bytes> {
    return digest(this.#secret, parts);
  }

  /** Return the token which opens the mailbox; it is shown to the server, which keeps a hash. */
  mailboxToken(): Promise<Bytes> {
    return derive(this.#secret, "mailbox");
  }

  /** Return the hash that the server keeps of the token. */
  async mailbox(): Promise<Bytes> {
    return sha256(await this.mailboxToken());
  }

  /** Return the public half of the witness's age identity; it travels inside reports. */
  async recipient(): Promise<Bytes> {
    return recipientOf(await this.seed());
  }

  /** Return the witness's age identity, 32 bytes; it never leaves her browser. */
  seed(): Promise<Bytes> {
    return derive(this.#secret, "identity");
  }

  /** Return what the words give, hidden by a pad of 32 random bytes. */
  masked(pad: Bytes): Bytes {
    return this.#secret.map((byte, at) => byte ^ (pad[at] as number));
  }

  /** Return the key that authenticates what she and this office write to each other. */
  messageKey(office: string): Promise<Bytes> {
    return derive(this.#secret, `message/${office}`);
  }
}

/** Return the message with its MAC, under the key of its direction. Raises EntryError. */
export async function authenticate(entry: Entry, messageKey: Bytes): Promise<Entry> {
  const key = await derive(messageKey, `mac/${entry.direction}`);
  return { ...entry, mac: hex(await hmac(key, authenticated(entry))) };
}

async function digest(secret: Bytes, parts: readonly Bytes[]): Promise<Bytes> {
  const message = concat(...parts.flatMap((part) => [uint64(part.length), part]));
  return hmac(await derive(secret, "digest"), message);
}
