import { type Browser, chromium } from 'playwright-core';

/** A sandbox of its own does not work for root, and nothing is to be fetched from elsewhere. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The Chromium that the machine has; `npm test` installs it where it may. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: ARGS });
