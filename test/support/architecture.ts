import { posix } from 'node:path';

/** A file as the rules see it. */
export interface SourceFile {
  /** From the root of the project, with slashes. */
  path: string;
  text: string;
}

/** A file imports its own folder or a lower row; folders of one row do not know each other. */
const ROWS: Record<string, number> = {
  server: 5,
  graphql: 4,
  jobs: 4,
  benefits: 3,
  domain: 2,
  providers: 1,
  platform: 1,
  lib: 0,
};
const TOP_ROW = 6;
/** They speak to the server over the network, as anybody's programs do. */
const APART = ['web', 'client', 'sandbox'];
/** The process may start the emulated third parties beside itself; nothing else knows them. */
const STARTER = 'src/main.ts';
const STARTED = 'src/sandbox/';
const GENERATED = 'prisma/generated/';
const KINDS = 'src/benefits/kinds/';
const REGISTRATION = 'src/benefits/kinds.ts';
const ENVIRONMENT_READERS = ['src/config.ts', 'src/main.ts'];
const MAX_LINES = 300;
const MAX_MEDIAN_LINES = 70;
const MAX_FILES = 25;
const MAX_DEPTH = 3;
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/;
const VAGUE_NAME = /^(index|utils?|types|helpers?|common|misc)\.ts$/;
const CONTENTS_PAGE = 'src/jobs/index.ts';

/** What breaks the rules of the house, one line each. */
export function judge(files: readonly SourceFile[]): string[] {
  const source = files.filter(({ path }) => path.startsWith('src/') && path.endsWith('.ts'));
  const edges = source.flatMap((file) => importsOf(file).map((to) => ({ from: file.path, to })));
  return [
    ...source.flatMap(misplaced),
    ...edges.flatMap(misdirected),
    ...cycles(edges),
    ...source
      .filter(({ path, text }) => !ENVIRONMENT_READERS.includes(path) && readsEnvironment(text))
      .map(({ path }) => `${path} reads the environment`),
    ...kindsOf(source).flatMap((kind) => judgeKind(kind, files, edges)),
    ...files
      .filter((file) => linesOf(file) > MAX_LINES)
      .map((file) => `${file.path} has ${linesOf(file)} lines, more than ${MAX_LINES}`),
    ...overfull(source),
    ...longMedian(source),
  ];
}

/** The paths that a file imports, from the root of the project; packages keep their names. */
export function importsOf({ path, text }: SourceFile): string[] {
  const found = withoutComments(text).matchAll(
    /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g,
  );
  const specifiers = [...found].map(([, from, bare]) => from ?? bare ?? '');
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier,
  );
}

const withoutComments = (text: string): string =>
  text.replace(
    /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/.*|\/\*[\s\S]*?\*\//g,
    (_, literal) => literal ?? '',
  );

const folderOf = (path: string): string => (path.split('/').length > 2 ? (path.split('/')[1] ?? '') : '');
const rowOf = (path: string): number | undefined => (folderOf(path) === '' ? TOP_ROW : ROWS[folderOf(path)]);
const linesOf = ({ text }: SourceFile): number => text.trimEnd().split('\n').length;
const readsEnvironment = (text: string): boolean =>
  /\bprocess\.env\b|\bfrom 'node:process'/.test(withoutComments(text));

function misplaced({ path }: SourceFile): string[] {
  const [, ...segments] = path.split('/');
  const name = segments.at(-1) ?? '';
  const wrong = [];
  if (rowOf(path) === undefined && !APART.includes(folderOf(path))) wrong.push(`${path} stands in no row`);
  if (segments.length > MAX_DEPTH) wrong.push(`${path} lies deeper than ${MAX_DEPTH} segments below src`);
  if (!NAME.test(name) || !segments.slice(0, -1).every((folder) => NAME.test(`${folder}.`.concat('x'))))
    wrong.push(`${path} is not named in kebab-case`);
  if (VAGUE_NAME.test(name) && path !== CONTENTS_PAGE) wrong.push(`${path} has a name that says nothing`);
  return wrong;
}

interface Edge {
  from: string;
  to: string;
}

function misdirected({ from, to }: Edge): string[] {
  const local =
    to.includes('/') &&
    (to.startsWith('src/') || to.startsWith('test/') || to.startsWith('prisma/') || to.startsWith('..'));
  if (!local || (folderOf(from) === folderOf(to) && to.startsWith('src/'))) return [];
  if (to.startsWith(GENERATED)) return [];
  if (!to.startsWith('src/')) return [`${from} imports ${to}, which is not part of the program`];
  if (from === STARTER && to.startsWith(STARTED)) return [];
  const [own, other] = [rowOf(from), rowOf(to)];
  if (own === undefined || other === undefined) return [`${from} imports ${to}: what stands apart shares no code`];
  if (other > own) return [`${from} imports ${to}: up from row ${own} to row ${other}`];
  return other === own ? [`${from} imports ${to}: sideways in row ${own}`] : [];
}

/** Each cycle once, as the path that leads around it. */
function cycles(edges: readonly Edge[]): string[] {
  const targets = Map.groupBy(edges, ({ from }) => from);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      found.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
    } else if (!done.has(file)) {
      for (const { to } of targets.get(file) ?? []) visit(to, [...trail, file]);
      done.add(file);
    }
  };
  for (const file of targets.keys()) visit(file, []);
  return found.map((cycle) => `${cycle} is a cycle`);
}

interface KindFile {
  path: string;
  /** `license-keys` */
  name: string;
}

const kindsOf = (source: readonly SourceFile[]): KindFile[] =>
  source.filter(({ path }) => path.startsWith(KINDS)).map(({ path }) => ({ path, name: posix.basename(path, '.ts') }));

function judgeKind({ path, name }: KindFile, files: readonly SourceFile[], edges: readonly Edge[]): string[] {
  const importers = edges.filter(({ from, to }) => to === path && from.startsWith('src/')).map(({ from }) => from);
  const test = `test/benefits/kinds/${name}.test.ts`;
  const names = namesOf(name);
  const others = files.filter(
    (file) =>
      file.path !== path &&
      file.path !== REGISTRATION &&
      (rowOf(file.path) ?? TOP_ROW) < TOP_ROW &&
      file.path.startsWith('src/'),
  );
  return [
    ...(importers.includes(REGISTRATION) ? [] : [`${path} is not registered in ${REGISTRATION}`]),
    ...importers
      .filter((importer) => importer !== REGISTRATION)
      .map((importer) => `${importer} imports the kind ${path}`),
    ...(files.some((file) => file.path === test) ? [] : [`${path} has no test ${test}`]),
    ...others.flatMap(
      ({ path, text }) =>
        withoutComments(text)
          .match(names)
          ?.slice(0, 1)
          .map((word) => `${path} names the kind ${name}: ${word}`) ?? [],
    ),
  ];
}

/** The ways to name a kind: as text in any case, as an enum value, or as one of its types in the API. */
function namesOf(name: string): RegExp {
  const wire = name.replaceAll('-', '_');
  const camel = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  const pascal = camel.charAt(0).toUpperCase() + camel.slice(1);
  return new RegExp(
    `['"\`](${wire}|${camel}|${wire.toUpperCase()})['"\`]|\\b(${wire.toUpperCase()}|${pascal}(Benefit|Delivery|Properties)\\w*)\\b`,
  );
}

function overfull(source: readonly SourceFile[]): string[] {
  const folders = Map.groupBy(source, ({ path }) => posix.dirname(path));
  return [...folders]
    .filter(([, inside]) => inside.length > MAX_FILES)
    .map(([folder, inside]) => `${folder} has ${inside.length} files, more than ${MAX_FILES}`);
}

function longMedian(source: readonly SourceFile[]): string[] {
  const median = source.map(linesOf).sort((a, b) => a - b)[Math.floor(source.length / 2)] ?? 0;
  return median > MAX_MEDIAN_LINES ? [`the median file has ${median} lines, more than ${MAX_MEDIAN_LINES}`] : [];
}
