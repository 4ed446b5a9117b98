/**
 * Which offices a report may go to, and why; the same as `intake.core.routing`.
 *
 * Rules: every route that matches proposes its office; the fallback is always proposed and
 * comes first, the others in the programme's order; closed offices are named, not proposed;
 * a conflict is data.
 */
import type { Answers, Office, Programme, Route } from "./programme.ts";

export type Facets = Readonly<Record<string, readonly string[]>>;

/** How an office stands to the agencies complained of. */
export type Conflict = "same-agency" | "same-department" | "independent";

export interface Proposal {
  readonly office: string;
  /** Which of the programme's routes matched; each has its reason. */
  readonly routes: readonly number[];
  readonly conflict: Conflict;
}

export interface Routing {
  readonly proposals: readonly Proposal[];
  readonly closed: readonly string[];
}

/** Return what the routes look at: the choices of the first step; unanswered ones are absent. */
export function facets(answers: Answers, programme: Programme): Facets {
  const found: Record<string, readonly string[]> = {};
  const report = programme.groups.find((group) => group.name === "report");
  for (const { name, kind } of report?.questions ?? []) {
    const answer = answers[name];
    if ((kind === "choice" || kind === "choices") && answer !== undefined && answer.length > 0) {
      found[name] = typeof answer === "string" ? [answer] : answer;
    }
  }
  return found;
}

/** Return the offices that the facets lead to. */
export function route(programme: Programme, facets: Facets): Routing {
  const matched = new Map<string, number[]>([[programme.fallback, []]]);
  programme.routes.forEach((rule, place) => {
    if (matches(rule, facets)) {
      matched.set(rule.office, [...(matched.get(rule.office) ?? []), place]);
    }
  });
  const isFallback = (office: Office): boolean => office.id === programme.fallback;
  const named = [
    ...programme.offices.filter(isFallback),
    ...programme.offices.filter((office) => !isFallback(office) && matched.has(office.id)),
  ];
  const proposals = named
    .filter((office) => isOpen(programme, office))
    .map((office) => ({
      office: office.id,
      routes: matched.get(office.id) ?? [],
      conflict: conflict(programme, office, facets["agency"] ?? []),
    }));
  const closed = named.filter((office) => !isOpen(programme, office)).map((office) => office.id);
  return { proposals, closed };
}

/** Whether every facet the rule names has an answer in its set. */
export function matches(rule: Route, facets: Facets): boolean {
  return Object.entries(rule.match).every(([facet, wanted]) =>
    (facets[facet] ?? []).some((term) => wanted.includes(term)),
  );
}

/** Return how the office stands to the agencies complained of. */
export function conflict(
  programme: Programme,
  office: Office,
  agencies: readonly string[],
): Conflict {
  if (office.agency && agencies.includes(office.agency)) {
    return "same-agency";
  }
  const departments = agencies.map((agency) => programme.departments[agency] ?? "");
  if (office.department && departments.includes(office.department)) {
    return "same-department";
  }
  return "independent";
}

/** A served office is open while its reader is. */
function isOpen(programme: Programme, office: Office): boolean {
  const reader = programme.offices.find((other) => other.id === office.reader) ?? office;
  return office.open && reader.open;
}
