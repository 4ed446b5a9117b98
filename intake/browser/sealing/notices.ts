/**
 * What a witness takes back or ends, told to the offices; as `intake.server.additions`.
 *
 * Rules: a notice has the name, the number and the marks that it has without script, so a case
 * can be handled half with script and half without.
 */
import { hex, type Random } from "../bytes.ts";
import type { AdditionBody } from "../core/entry.ts";
import { ADDITIONS, type Case } from "./case.ts";
import { readerOf } from "./letter.ts";
import type { Letter } from "./wire.ts";

interface Notice {
  readonly id: string;
  readonly letters: readonly Letter[];
  readonly marks: readonly string[];
  readonly needs: readonly string[];
  readonly token: string;
}

/** Return the message that takes the case back from an office. */
export async function withdrawal(of: Case, office: string, random: Random): Promise<string> {
  const notice = await made(of, "withdrawal", [office], random);
  const asked: string[] = [];
  for (const other of holders(of)) {
    const mark = await of.keys.addition(`refer/${office}/${other}`, 0);
    if (other !== office && of.state.additions.includes(mark)) {
      asked.push(other);
    }
  }
  return JSON.stringify({
    entries: await of.of(office),
    known: of.state.additions,
    notice: { ...notice, needs: [] },
    others: await told(of, `stopped/${office}`, "stopped", asked, [office], random),
  });
}

/** Return the message that has the case deleted after some days, or kept after all. */
export async function deletion(of: Case, isWanted: boolean, random: Random): Promise<string> {
  const notice = await made(of, isWanted ? "deletion" : "kept", holders(of), random);
  return JSON.stringify({ notice, wanted: isWanted });
}

/** Return the message by which no words open the case any more. */
export async function closing(of: Case, random: Random): Promise<string> {
  return JSON.stringify({ notice: await made(of, "exposed", holders(of), random) });
}

function holders(of: Case): string[] {
  return of.view().holders.map(({ office }) => office);
}

/** What is beyond the count tells nobody any more, and is done all the same. */
async function made(
  of: Case,
  name: string,
  offices: readonly string[],
  random: Random,
): Promise<Notice> {
  // She closes it once.
  const number = name === "exposed" ? 0 : (of.numbers.get(name) ?? 0);
  const isBeyond = (of.numbers.get(name) ?? 0) >= ADDITIONS;
  return {
    id: isBeyond ? hex(random(16)) : await of.keys.addition(name, number),
    letters: isBeyond ? [] : await told(of, `${name}/${number}`, name, offices, [], random),
    marks: [],
    needs: offices.map((office) => of.firsts.get(office) ?? ""),
    token: of.token,
  };
}

/** Return a notice for each office that has keys today; the others cannot be told. */
async function told(
  of: Case,
  name: string,
  group: string,
  offices: readonly string[],
  refer: readonly string[],
  random: Random,
): Promise<Letter[]> {
  const { programme } = of;
  const body: AdditionBody = {
    type: "addition",
    answers: {},
    digest: programme.digest,
    evidence: [],
    group,
    keeper: "",
    language: programme.language,
    people: [],
    refer,
    unscripted: false,
    version: programme.version,
  };
  const open = offices.filter((office) => programme.keys[readerOf(programme, office)]?.length);
  return Promise.all(open.map((office) => of.letter(name, office, body, random)));
}
