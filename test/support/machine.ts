import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian packages by the program they bring. */
const PACKAGES = {
  'redis-server': 'redis-server',
  chromium: 'chromium',
  memcached: 'memcached',
  'swift-account-server': 'swift-account',
  'swift-container-server': 'swift-container',
  'swift-object-server': 'swift-object',
  'swift-proxy-server': 'swift-proxy',
} as const;

/** Installs what the tests need and this machine lacks, where that is possible; else says the one line to run. */
export function ensurePrograms(): void {
  const lacking = Object.entries(PACKAGES)
    .filter(([program]) => !has(program))
    .map(([, name]) => name);
  if (lacking.length === 0) return;
  const install = `apt-get install --yes --no-install-recommends ${lacking.join(' ')}`;
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (!mayInstall)
    throw new Error(`The tests need programs that are not installed. Run: sudo apt-get update && sudo ${install}`);
  console.log(`Installing ${lacking.join(', ')}`);
  for (const command of ['apt-get update', install]) {
    const [program = '', ...args] = command.split(' ');
    execFileSync(program, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
}

const has = (program: string): boolean => spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;
