/** What the form saves: a tar of sealed files, and before them what they are; as `intake.core.parcel`. */
import { type Bytes, concat, hex, unbase64 } from "../bytes.ts";
import { encode, type Json } from "../core/canonical.ts";
import type { Programme } from "../core/programme.ts";
import { Digest, PIECE_SIZE } from "../crypto/digest.ts";
import { type Member, ustar } from "./ustar.ts";
import type { Filing } from "./way.ts";

/** Return the parcel of a filing; `sealed` are its files by name. Raises Error where one lacks. */
export async function parcel(
  programme: Programme,
  filing: Filing,
  sealed: ReadonlyMap<string, Blob>,
): Promise<Blob> {
  const letters = [];
  const members: Member[] = [];
  for (const { entry, evidence, header, kind, payload, reader } of filing.letters) {
    const content = new Blob([concat(unbase64(header), unbase64(payload))]);
    letters.push({ digest: await digest(content), entry, evidence, kind, reader });
    members.push({ name: `${filing.case}.${kind}.${reader}.${entry}.age`, content });
  }
  const evidence = [];
  for (const id of new Set(filing.letters.flatMap((letter) => letter.evidence))) {
    const content = sealed.get(id);
    if (!content) {
      throw new Error("a sealed file is gone");
    }
    evidence.push({ digest: await digest(content), id });
    members.push({ name: `${id}.age`, content });
  }
  const told: Json = {
    case: filing.case,
    digest: programme.digest,
    evidence,
    format: "intake/offline/v1",
    letters,
    mailbox: filing.mailbox,
    programme: programme.programme,
    urgent: filing.urgent,
  };
  return ustar([{ name: "filing.json", content: new Blob([encode(told)]) }, ...members]);
}

/** Return the digest of a content, in hex: what was damaged on the way is seen before it is kept. */
async function digest(content: Blob): Promise<string> {
  const taken = new Digest();
  for (let at = 0; at < content.size; at += PIECE_SIZE) {
    const piece = await content.slice(at, at + PIECE_SIZE).arrayBuffer();
    await taken.add(new Uint8Array(piece) as Bytes);
  }
  return hex(await taken.value());
}
