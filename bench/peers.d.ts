// What is measured with and against stands in bench/package.json and is installed by `npm run bench` alone; whoever
// only checks types does without it.
declare module 'autocannon';
declare module 'fastify';
declare module 'mercurius';
declare module 'postgraphile';
declare module 'postgraphile/adaptors/pg';
declare module 'postgraphile/grafast';
declare module 'postgraphile/grafserv/node';
declare module 'postgraphile/presets/amber';
declare module 'postgraphile/utils';
