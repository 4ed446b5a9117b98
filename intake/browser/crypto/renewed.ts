/** What new words open in place of lost ones; as `intake.crypto.keeper`. */
import { type Bytes, utf8 } from "../bytes.ts";
import { OpenError } from "../errors.ts";
import { WitnessKeys } from "./derive.ts";
import { open } from "./open.ts";

// What stands before the secret that new words open: nothing else is taken for one.
const WRAPPED = utf8("intake/words/v1");
const SECRET_SIZE = 32;
const LINE_FEED = 10;

/** Return what the lost words gave, from an age file sealed to the new ones. Raises OpenError. */
export async function unwrap(file: Bytes, words: WitnessKeys): Promise<WitnessKeys> {
  const end = endOfHeader(file);
  const sealed = { header: file.slice(0, end), payload: file.slice(end) };
  const plain = await open(sealed, await words.seed());
  const isOurs =
    plain.length === WRAPPED.length + SECRET_SIZE && WRAPPED.every((byte, at) => plain[at] === byte);
  if (!isOurs) {
    throw new OpenError("what the new words open is none of theirs", "altered");
  }
  return new WitnessKeys(plain.slice(WRAPPED.length));
}

/** Return where the header ends: behind the line that begins with three dashes. */
function endOfHeader(file: Bytes): number {
  const start = utf8("\n--- ");
  const at = file.findIndex((_, place) => start.every((byte, i) => file[place + i] === byte));
  return at < 0 ? 0 : file.indexOf(LINE_FEED, at + 1) + 1;
}
