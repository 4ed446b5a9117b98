/**
 * The script of what is not needed at first, so that the form is there sooner: recording a voice,
 * and all that follows the report. It is fetched when one of the two is wanted.
 */
import { more } from "./more.ts";
import { record } from "./record.ts";
import type { Later } from "./visit.ts";

const later: Later = { more, record };
(window as unknown as { intakeLater: Later }).intakeLater = later;
