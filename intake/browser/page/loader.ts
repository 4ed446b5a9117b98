/**
 * What the form's page itself holds, and that of coming back: fetches their scripts as text, and
 * runs them.
 *
 * Whatever `no-store` says, Chromium keeps on the disk, under a script's address, what its engine
 * made of it; of a script that stands in the page, and of a Worker's, it keeps nothing.
 */

/** What is left for the other scripts: a page may make one policy, and makes it here. */
export interface Loader {
  /** Return the Worker of a script of this server. Raises for any other address. */
  start(address: string): Worker;
  /** Run a script that the page names. Raises where it cannot be fetched, or is not the one meant. */
  run(name: string): Promise<void>;
}

interface Rules<Text> {
  createScript(text: string): Text;
  createScriptURL(address: string): Text;
}

const WORKER = /^\/(seal|open|files)(-full)?\.js$/;
const { dataset } = document.currentScript as HTMLScriptElement;
const page = window as unknown as {
  intake: Loader;
  trustedTypes?: { createPolicy(name: string, rules: Rules<string>): Rules<string> };
};

const rules: Rules<string> = {
  // Any text: `fetch` has compared its digest, and the page's Content-Security-Policy, which names
  // the digests of these scripts, lets no other run.
  createScript: (text) => text,
  createScriptURL: (address) => {
    if (!WORKER.test(address)) {
      throw new TypeError("no script of this page");
    }
    return address;
  },
};
const policy = page.trustedTypes ? page.trustedTypes.createPolicy("intake", rules) : rules;

page.intake = {
  start: (address) => new Worker(policy.createScriptURL(address)),
  run: async (name) => {
    const integrity = dataset[name] as string;
    const answer = await fetch(`/${name}.js`, { integrity, credentials: "omit" });
    const script = document.createElement("script");
    script.text = policy.createScript(await answer.text());
    document.head.append(script);
  },
};

// The first that the page names. Without it the page stays as it is.
page.intake.run(Object.keys(dataset)[0] as string).catch(() => undefined);
