/** The ten words on a page: they can be printed, and two of them are asked back. */
import { find } from "./dom.ts";
import { receipt, type ReceiptTexts } from "./receipt.ts";
import type { Visit } from "./visit.ts";

const RECEIPT_TEXTS: readonly (keyof ReceiptTexts)[] = [
  "print",
  "paper",
  "code",
  "noted",
  "ask",
  "place",
  "check",
  "again",
  "wrong",
  "right",
];

/** Add both to a page. */
export async function askBack(visit: Visit, page: HTMLElement): Promise<void> {
  const texts = Object.fromEntries(
    RECEIPT_TEXTS.map((name) => [name, visit.texts[`receipt_${name}`] ?? ""]),
  ) as unknown as ReceiptTexts;
  receipt(find(page, "[data-receipt]"), await visit.sealer.call("words", null), texts);
}
