import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
  locatedError,
  type OperationDefinitionNode,
} from 'graphql';
import type { Context } from '../../graphql/context.ts';
import { isPromise } from '../../lib/soon.ts';
import { type Field, openPlan, type Plan, type Shape } from './plan.ts';
import { variablesOf } from './variables.ts';

/** Executes one operation. */
export type Execute = (
  variables: Record<string, unknown>,
  context: Context,
  /** What a stream tells. */
  root?: unknown,
) => ExecutionResult | Promise<ExecutionResult>;

const executors = new WeakMap<OperationDefinitionNode, Execute>();

/**
 * What executes an operation as graphql-js does: the same resolvers in the same order, with the same answer. It works out
 * once what the document says, and waits for nothing that is there, which takes half the time. And nothing that goes wrong
 * after its answer is known is left to nobody, which would end the process: graphql-js forgets what it began of a list
 * when that goes wrong.
 */
export function executorOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Execute {
  const known = executors.get(operation);
  if (known) return known;
  const executor = open(schema, document, operation);
  executors.set(operation, executor);
  return executor;
}

function open(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Execute {
  const plan = openPlan(schema, document, operation);
  const fragments: GraphQLResolveInfo['fragments'] = Object.fromEntries(
    document.definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  const read = variablesOf(schema, operation);
  return (given, context, root) => {
    const { errors, coerced: variableValues } = read(given);
    if (errors) return { errors };
    return execute(
      { schema, fragments, operation, variableValues, context, root, errors: [], nulled: new Set() },
      plan,
    );
  };
}

/** One execution. */
interface Run extends Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'operation' | 'variableValues'> {
  context: Context;
  root: unknown;
  errors: GraphQLError[];
  /** Where there is null because of an error; undefined: everywhere. */
  nulled: Set<Place | undefined>;
}

/**
 * A place in the answer, and what resolvers are told of it. One is made for every field of an answer, so it holds no more
 * than it must; the rest is there for whoever looks.
 */
class Place implements GraphQLResolveInfo {
  readonly prev: Place | undefined;
  readonly key: string | number;
  readonly field: Field;
  readonly run: Run;
  constructor(prev: Place | undefined, key: string | number, field: Field, run: Run) {
    this.prev = prev;
    this.key = key;
    this.field = field;
    this.run = run;
  }
  get path() {
    return this;
  }
  get typename() {
    return typeof this.key === 'string' ? this.field.parent.name : undefined;
  }
  get fieldName() {
    return this.field.definition.name;
  }
  get fieldNodes() {
    return this.field.nodes;
  }
  get returnType() {
    return this.field.definition.type;
  }
  get parentType() {
    return this.field.parent;
  }
  get schema() {
    return this.run.schema;
  }
  get fragments() {
    return this.run.fragments;
  }
  get rootValue() {
    return this.run.root;
  }
  get operation() {
    return this.run.operation;
  }
  get variableValues() {
    return this.run.variableValues;
  }
}

function execute(run: Run, plan: Plan): ExecutionResult | Promise<ExecutionResult> {
  const { errors, operation } = run;
  const finish = (data: unknown): ExecutionResult =>
    (errors.length > 0 ? { errors, data } : { data }) as ExecutionResult;
  const fail = (error: unknown): ExecutionResult => {
    note(run, error as GraphQLError, undefined);
    return finish(null);
  };
  try {
    const fields = plan(run.variableValues);
    // Several changes come one after the other; a single one is like a question.
    const inTurn = operation.operation === 'mutation' && fields.length > 1;
    const data = inTurn ? askInTurn(run, fields) : askFields(run, fields, run.root, undefined);
    return isPromise(data) ? data.then(finish, fail) : finish(data);
  } catch (error) {
    return fail(error);
  }
}

async function askInTurn(run: Run, fields: readonly Field[]): Promise<unknown> {
  const data: Record<string, unknown> = {};
  for (const field of fields) put(data, field, await askField(run, field, run.root, undefined));
  return data;
}

/** What an object answers, or a promise of that, if something in it must be waited for. */
function askFields(run: Run, fields: readonly Field[], source: unknown, place: Place | undefined): unknown {
  const data: Record<string, unknown> = {};
  let pending: Promise<void>[] | undefined;
  try {
    for (const field of fields) {
      const value = askField(run, field, source, place);
      // Its place among the others is taken at once.
      put(data, field, value);
      if (!isPromise(value)) continue;
      pending ??= [];
      pending.push(
        value.then((come) => {
          put(data, field, come);
        }),
      );
    }
  } catch (error) {
    if (!pending) throw error;
    // Nobody hears of what else goes wrong.
    return Promise.allSettled(pending).then(() => {
      throw error;
    });
  }
  return pending ? Promise.all(pending).then(() => data) : data;
}

/** `__proto__` is a name like any other. */
function put(data: Record<string, unknown>, { key }: Field, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(data, key, { value, writable: true, enumerable: true, configurable: true });
  else data[key] = value;
}

function askField(run: Run, field: Field, source: unknown, prev: Place | undefined): unknown {
  const standing = field.standing?.(source);
  if (standing !== undefined) return standing;
  const place = new Place(prev, field.key, field, run);
  try {
    const args = field.argumentsOf(run.variableValues);
    return settle(place, field.shape, field.resolve(source, args, run.context, place));
  } catch (error) {
    return fail(place, field.shape, error);
  }
}

/** What stands at a place in the answer, for what a resolver answered or promised. */
function settle(place: Place, shape: Shape, value: unknown): unknown {
  try {
    const answer = isPromise(value)
      ? value.then((come) => complete(place, shape, come))
      : complete(place, shape, value);
    return isPromise(answer) ? answer.then(undefined, (error) => fail(place, shape, error)) : answer;
  } catch (error) {
    return fail(place, shape, error);
  }
}

function complete(place: Place, shape: Shape, value: unknown): unknown {
  const { run, field } = place;
  if (value instanceof Error) throw value;
  if (value == null) {
    if (shape.nullable) return null;
    throw new Error(`Cannot return null for non-nullable field ${nameOf(field)}.`);
  }
  if (shape.is === 'leaf') {
    const written = shape.type.serialize(value);
    if (written == null) throw new Error(`A value of ${nameOf(field)} cannot be written as ${shape.type}.`);
    return written;
  }
  if (shape.is === 'object') return askFields(run, field.below(shape.type), value, place);
  if (shape.is === 'list') return completeList(place, shape.of, value);
  const named = shape.type.resolveType?.(value, run.context, place, shape.type);
  const ask = (name: unknown) => {
    const type = shape.types.get(name);
    if (!type) throw new Error(`${name} is no ${shape.type} that ${nameOf(field)} can be.`);
    return askFields(run, field.below(type), value, place);
  };
  return isPromise(named) ? named.then(ask) : ask(named);
}

function completeList(place: Place, shape: Shape, values: unknown): unknown {
  const { run, field } = place;
  if (typeof values !== 'object' || !values || !(Symbol.iterator in values))
    throw new Error(`Expected Iterable, but did not find one for field "${nameOf(field)}".`);
  const list: unknown[] = [];
  let waits = false;
  try {
    for (const value of values as Iterable<unknown>) {
      const item = settle(new Place(place, list.length, field, run), shape, value);
      waits ||= isPromise(item);
      list.push(item);
    }
  } catch (error) {
    // Nobody waits for the others any more, reached or not, nor hears of what goes wrong with them.
    void Promise.allSettled([...list, ...(values as Iterable<unknown>)]);
    throw error;
  }
  return waits ? Promise.all(list) : list;
}

/** What went wrong is null where null may be, and went wrong further up where it may not. */
function fail(place: Place, { nullable }: Shape, cause: unknown): null {
  const error = locatedError(cause, place.field.nodes, keysOf(place));
  if (!nullable) throw error;
  note(place.run, error, place);
  return null;
}

/** Nobody hears of what goes wrong in what is null already. */
function note({ errors, nulled }: Run, error: GraphQLError, place: Place | undefined): void {
  for (let at = place; at; at = at.prev) if (nulled.has(at)) return;
  if (nulled.has(undefined)) return;
  nulled.add(place);
  errors.push(error);
}

function keysOf(place: Place): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: Place | undefined = place; at; at = at.prev) keys.unshift(at.key);
  return keys;
}

const nameOf = ({ parent, definition }: Field): string => `${parent.name}.${definition.name}`;
