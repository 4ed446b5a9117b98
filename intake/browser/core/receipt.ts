/**
 * The receipt: ten words by which a witness comes back; the same as `intake.core.receipt`.
 *
 * 102 random bits and 8 check bits make ten places in a list of 2048 words, each also a
 * four-digit number (0001 to 2048) for languages without a list. Never twelve words: a code
 * that looks like a wallet's recovery phrase gets people robbed.
 */
import { type Bytes, concat, utf8 } from "../bytes.ts";
import { ReceiptError } from "../errors.ts";
import { sha256 } from "../primitives/hashing.ts";

const WORDS = 10;
const WORD_BITS = 11;
const LIST_WORDS = 1 << WORD_BITS;
const CHECK_BITS = 8;
const RANDOM_BYTES = 13;
// Letters that tell a word from every other of its list: so each of the lists was made.
const ENOUGH = 4;
const LABEL = utf8("intake/receipt/v1");

/** Ten places (0 to 2047) whose last eight bits check the others. */
export type Places = readonly number[];

/** The place (from 0) of each word of a list, without accents and capitals, and of its beginnings. */
export type Index = ReadonlyMap<string, number>;

/** Return the receipt of 13 random bytes, of which the first 102 bits count. */
export async function make(random: Uint8Array): Promise<Places> {
  if (random.length !== RANDOM_BYTES) {
    throw new ReceiptError("a receipt needs 13 random bytes", "count");
  }
  const value = whole(random) >> 2n;
  const bits = (value << BigInt(CHECK_BITS)) | BigInt(await check(value));
  return Array.from({ length: WORDS }, (_, place) =>
    Number((bits >> BigInt(WORD_BITS * (WORDS - 1 - place))) & BigInt(LIST_WORDS - 1)),
  );
}

/** Return the 110 bits, big-endian in 14 bytes: what every key of the witness derives from. */
export function secret(places: Places): Bytes {
  const value = places.reduce((sum, place) => (sum << BigInt(WORD_BITS)) | BigInt(place), 0n);
  return written(value, 14);
}

/** Return the words of one language's list. */
export function words(places: Places, wordlist: readonly string[]): string[] {
  return places.map((place) => wordlist[place] as string);
}

/** Return the four-digit numbers, the same in every language. */
export function numbers(places: Places): string[] {
  return places.map((place) => String(place + 1).padStart(4, "0"));
}

/** Return where each word of a list stands, as people type it. */
export function index(wordlist: readonly string[]): Index {
  const places = new Map<string, number>();
  wordlist.map(fold).forEach((word, place) => {
    for (let letters = Math.min(ENOUGH, word.length); letters <= word.length; letters += 1) {
      places.set(word.slice(0, letters), place);
    }
  });
  return places;
}

/**
 * Return the receipt typed as ten words of any list, or ten numbers.
 *
 * The first four letters of a word are enough. Accents, capitals and punctuation do not matter,
 * nor numbers beside ten words, as the page shows them and people copy them. Raises ReceiptError, with the places that fit no list, or
 * asking for the language where two lists both pass their check.
 */
export async function parse(text: string, lists: readonly Index[]): Promise<Places> {
  const all = split(text);
  const letters = all.filter(isWord);
  const typed = letters.length === WORDS ? letters : all;
  if (typed.length !== WORDS) {
    throw new ReceiptError("the words are not ten, compare them with what was noted", "count");
  }
  if (typed.every((word) => /^[0-9]+$/.test(word))) {
    return byNumber(typed);
  }
  const readings = lists.map((list) => typed.map((word) => list.get(word) ?? -1));
  const found = new Map<string, Places>();
  for (const places of readings) {
    if (!places.includes(-1) && (await isGood(places))) {
      found.set(places.join(), places);
    }
  }
  if (found.size > 1) {
    throw new ReceiptError(
      "the words fit two languages, choose the language they were given in",
      "language",
    );
  }
  for (const places of found.values()) {
    return places;
  }
  throw unknown(nearest(readings.map(missing)));
}

/**
 * Return the places (from 1) of what was typed so far that fit no list, of the list that fits
 * best; as `parse`, before there are ten.
 */
export function unfit(text: string, lists: readonly Index[]): number[] {
  const all = split(text);
  const letters = all.filter(isWord);
  if (letters.length === 0) {
    return missing(all.map(numbered));
  }
  return nearest(lists.map((list) => missing(letters.map((word) => list.get(word) ?? -1))));
}

/** Return what was typed, as one word after the other. */
function split(text: string): string[] {
  return westernDigits(fold(text)).match(/[\p{L}\p{N}]+/gu) ?? [];
}

function isWord(typed: string): boolean {
  return !/^\p{Nd}+$/u.test(typed);
}

/** Return text without accents and capitals, as people type words from paper. */
export function fold(text: string): string {
  const bare = text.normalize("NFKD").replace(/\p{M}/gu, (mark) => (isCombining(mark) ? "" : mark));
  // The one letter that Python's casefold spells out and lower case does not.
  return bare.toLowerCase().replace(/ß/g, "ss");
}

/**
 * Whether Python calls the mark combining: its canonical class is not 0. Such a mark, and no
 * other, changes places with one of class 230 before it or one of class 202 behind it.
 */
function isCombining(mark: string): boolean {
  return (
    !`\u0301${mark}`.normalize("NFD").startsWith("\u0301") ||
    `${mark}\u0327`.normalize("NFD").startsWith("\u0327")
  );
}

/** Arabic and Persian keyboards type digits of their own. */
function westernDigits(text: string): string {
  return text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) =>
    String(digit.charCodeAt(0) & 0xf),
  );
}

async function byNumber(typed: readonly string[]): Promise<Places> {
  const places = typed.map(numbered);
  if (places.includes(-1) || !(await isGood(places))) {
    throw unknown(missing(places));
  }
  return places;
}

function numbered(word: string): number {
  const isPlace = word.length === 4 && Number(word) >= 1 && Number(word) <= LIST_WORDS;
  return isPlace ? Number(word) - 1 : -1;
}

function missing(places: Places): number[] {
  return places.flatMap((place, at) => (place < 0 ? [at + 1] : []));
}

/** The reading that misses least, the first of equals. */
function nearest(readings: readonly number[][]): number[] {
  const least = Math.min(...readings.map((places) => places.length));
  return readings.find((places) => places.length === least) ?? [];
}

function unknown(places: readonly number[]): ReceiptError {
  return new ReceiptError(
    "the words are no receipt, compare them with what was noted",
    "unknown",
    places,
  );
}

async function isGood(places: Places): Promise<boolean> {
  const bits = whole(secret(places));
  return BigInt(await check(bits >> BigInt(CHECK_BITS))) === (bits & 0xffn);
}

async function check(value: bigint): Promise<number> {
  return (await sha256(concat(LABEL, written(value, RANDOM_BYTES))))[0] as number;
}

function whole(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function written(value: bigint, size: number): Bytes {
  return Uint8Array.from({ length: size }, (_, at) =>
    Number((value >> BigInt(8 * (size - 1 - at))) & 0xffn),
  );
}
