import { defineConfig } from 'prisma/config';

/** Kept out of the root; every script passes `--config prisma/config.ts`. */
export default defineConfig({ schema: 'schema.prisma' });
