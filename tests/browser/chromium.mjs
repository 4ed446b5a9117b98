// One way to start the system's Chromium: a new profile, no traffic of its own.
import { launch } from "puppeteer-core";

export function chromium(profile, extra = []) {
  return launch({
    executablePath: process.env.INTAKE_CHROMIUM,
    userDataDir: profile,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...extra,
    ],
  });
}
