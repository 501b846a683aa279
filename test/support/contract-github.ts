import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { Exchange } from '../../src/sandbox/exchange.ts';

interface Operation {
  parameters?: ({ $ref: string } | Parameter)[];
  requestBody?: Body;
  responses: Record<string, { $ref?: string } & Body>;
}
interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  schema: { type?: string };
}
interface Body {
  required?: boolean;
  content?: Record<string, { schema: object }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

/** As much of GitHub's published description of its API as we use, from scripts/github-contract.ts; read when it is first needed. */
const contract = (() => {
  let document: Document | undefined;
  const ajv = new Ajv({ strict: false, allErrors: true });
  // A package whose types and module disagree on where its function is.
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  const read = () => {
    if (!document) {
      const file = new URL('./github-contract.json.gz', import.meta.url);
      const read: Document = JSON.parse(gunzipSync(readFileSync(file)).toString());
      tidy(read);
      ajv.addSchema(read, 'github');
      document = read;
    }
    return document;
  };
  return { read, ajv };
})();

/** Not part of the REST API's description. */
const ELSEWHERE = [
  'POST /graphql',
  'GET /login/oauth/authorize',
  'POST /login/oauth/authorize',
  'POST /login/oauth/access_token',
];

/** What of one call and its answer is not as GitHub publishes its API; empty when all of it is. */
export function checkGithub({ route, query, body, answer, ordered }: Exchange): string[] {
  if (ELSEWHERE.includes(route)) return [];
  const [method = '', path = ''] = route.split(' ');
  const operation = contract.read().paths[path]?.[method.toLowerCase()];
  if (!operation) return [`${route} is not in GitHub's API`];
  const at = `#/paths/${escaped(path)}/${method.toLowerCase()}`;
  return [
    ...checkQuery(route, operation, query),
    ...checkBody(route, operation, body, at),
    ...(ordered ? [] : checkAnswer(route, operation, answer, at)),
  ];
}

function checkQuery(route: string, { parameters = [] }: Operation, query: URLSearchParams): string[] {
  const known = parameters.map((parameter) => ('$ref' in parameter ? resolve<Parameter>(parameter.$ref) : parameter));
  const names = known.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  return [...query.keys()].filter((name) => !names.includes(name)).map((name) => `${route} has no parameter ${name}`);
}

function checkBody(route: string, { requestBody }: Operation, body: unknown, at: string): string[] {
  if (body === undefined) return requestBody?.required ? [`${route} needs a body`] : [];
  if (!requestBody?.content?.['application/json']) {
    const empty = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
    return empty ? [] : [`${route} takes no body, but got ${JSON.stringify(body)}`];
  }
  return validate(`${at}/requestBody/content/application~1json/schema`, body, `the body of ${route}`);
}

/** Any call may be refused for its number or its token, whether or not its description says so. */
const EVERYWHERE = [401, 403, 404, 429];

function checkAnswer(route: string, { responses }: Operation, answer: Exchange['answer'], at: string): string[] {
  const found = responses[answer.status];
  const what = `the answer ${answer.status} to ${route}`;
  if (!found) {
    if (!EVERYWHERE.includes(answer.status)) return [`${what} is not in GitHub's API`];
    return validate('#/components/schemas/basic-error', answer.body, what);
  }
  const place = found.$ref ?? `${at}/responses/${answer.status}`;
  const { content } = found.$ref ? resolve<Body>(found.$ref) : found;
  // A refusal may say why, whether or not its description says how.
  if (!content?.['application/json'])
    return answer.body === undefined || answer.status >= 400 ? [] : [`${what} has no body`];
  return validate(`${place}/content/application~1json/schema`, answer.body, what);
}

function validate(place: string, value: unknown, what: string): string[] {
  const check = contract.ajv.getSchema(`github${encodeURI(place)}`);
  if (!check) return [`${what}: no schema at ${place}`];
  // What JSON leaves out is left out here too.
  if (check(JSON.parse(JSON.stringify(value ?? null)))) return [];
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${what}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** What has no type of its own says in another way that it may be null. */
function tidy(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Record<string, unknown>;
  if (schema.nullable === true && !schema.type) {
    const { nullable, ...rest } = schema;
    for (const name of Object.keys(schema)) delete schema[name];
    schema.anyOf = [rest, { type: 'null' }];
  }
  for (const child of Object.values(schema)) tidy(child);
}

const escaped = (path: string): string => path.replaceAll('~', '~0').replaceAll('/', '~1');

const resolve = <Part>(pointer: string): Part =>
  pointer
    .slice(2)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], contract.read()) as Part;
