/** A filing: the report sealed for each office that was chosen, as `intake.server.nojs` does. */
import { base64, type Bytes, hex, type Random, unbase64 } from "../bytes.ts";
import { type Evidence, visible } from "../core/evidence.ts";
import { type ReportBody, type StubBody, WITNESS } from "../core/entry.ts";
import type { Answers, Programme } from "../core/programme.ts";
import { fingerprint } from "../crypto/age.ts";
import { type FilingSecret, WitnessKeys } from "../crypto/derive.ts";
import { sha256 } from "../primitives/hashing.ts";
import { kept, sealLetter } from "./letter.ts";
import { caseOf } from "./way.ts";
import type { Letter } from "./wire.ts";

/** What is filed: the answers, and for whom. Without a way back, no words open the case. */
export interface Filing {
  readonly answers: Answers;
  readonly offices: readonly string[];
  /** How each office alone may reach the witness. */
  readonly contacts: Readonly<Record<string, string>>;
  /** Offices that get each file as it was made, too. */
  readonly originals: readonly string[];
  readonly wayBack: boolean;
  /** Whether the offices are told at once that something urgent came: the server learns it. */
  readonly urgent: boolean;
  readonly evidence: readonly Evidence[];
}

/** Return the message that files a report; sealed anew it is another one. */
export async function fileMessage(
  programme: Programme,
  secret: FilingSecret,
  filing: Filing,
  random: Random,
): Promise<string> {
  const keys = await WitnessKeys.of(await secret.receipt(), programme.programme);
  const mailbox = await (filing.wayBack ? keys.mailbox() : secret.noMailbox());
  const id = await caseOf(secret, mailbox);
  const recipient = filing.wayBack ? await keys.recipient() : null;
  const replyTo = recipient ? base64(recipient) : "";
  const letters: Letter[] = [];
  for (const office of filing.offices) {
    const key = await (filing.wayBack ? keys.messageKey(office) : secret.noteKey(office));
    const files = visible(filing.evidence, filing.originals.includes(office));
    const body = reportBody(programme, filing.answers, files, {
      contact: filing.contacts[office] ?? "",
      messageKey: key,
      replyTo,
    });
    const entry = await keys.entry("report", office);
    const draft = { case: id, office, entry, body, seen: [], messageKey: null };
    letters.push(await sealLetter(programme, draft, random));
  }
  if (recipient) {
    const body = await stub(programme, letters);
    const messageKey = await keys.messageKey(WITNESS);
    const names = { case: id, office: WITNESS, entry: await keys.stub() };
    const draft = { ...names, body, seen: [], messageKey, recipient };
    letters.push(await sealLetter(programme, draft, random));
  }
  const { urgent } = filing;
  return JSON.stringify({ case: id, letters, mailbox: base64(mailbox), urgent });
}

/** Return what she can compare later: what was sealed, and to which keys. */
async function stub(programme: Programme, letters: readonly Letter[]): Promise<StubBody> {
  const digests: Record<string, string> = {};
  const keys: Record<string, readonly string[]> = {};
  for (const { entry, payload, reader } of letters) {
    digests[entry] = hex(await sha256(unbase64(payload)));
    keys[reader] = await fingerprints(programme, reader);
  }
  return { type: "stub", digests, keys };
}

/** Return the fingerprints of the keys that are sealed to for an office that holds keys. */
export function fingerprints(programme: Programme, reader: string): Promise<string[]> {
  return Promise.all((programme.keys[reader] ?? []).map((key) => fingerprint(unbase64(key))));
}

/** What one office is told and no other. */
export interface Own {
  readonly contact: string;
  readonly messageKey: Bytes;
  readonly replyTo: string;
}

/** Return the first that an office is told of a case. */
export function reportBody(
  programme: Programme,
  answers: Answers,
  evidence: readonly Evidence[],
  own: Own,
): ReportBody {
  return {
    type: "report",
    answers: kept(answers),
    contact: own.contact,
    digest: programme.digest,
    evidence,
    language: programme.language,
    message_key: hex(own.messageKey),
    reply_to: own.replyTo,
    unscripted: false,
    version: programme.version,
  };
}
