import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { badUserInput } from '../graphql/errors.ts';
import { MAX_TOKENS, tooComplex, tooMuch } from './limits.ts';
import type { PersistedOperations } from './persisted.ts';

/** What a client asks to be executed, over whatever transport. */
export interface Asked {
  query?: string;
  documentId?: string;
  operationName?: string;
  variables?: Record<string, unknown>;
  extensions?: Record<string, unknown>;
}

/** An operation that is sound and within the limits, or why it is not. */
export type Admission = Admitted | { errors: readonly GraphQLError[] };

export interface Admitted {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
  errors?: undefined;
}

export type Admit = (asked: Asked) => Admission;

/** Documents are kept ready, the latest ones, up to this many characters of them; in memory they are much larger. */
const KEPT_CHARACTERS = 500_000;
const MAX_ERRORS = 10;

/** One rule for what may be executed, whichever way it came in. */
export function openDocuments(schema: GraphQLSchema, persisted: PersistedOperations): Admit {
  const kept = new Map<string, DocumentNode>();
  let keptCharacters = 0;

  const forget = (text: string): void => {
    if (kept.delete(text)) keptCharacters -= text.length;
  };
  const keep = (text: string, document: DocumentNode): void => {
    forget(text);
    kept.set(text, document);
    keptCharacters += text.length;
    for (const oldest of kept.keys()) {
      if (keptCharacters <= KEPT_CHARACTERS) break;
      forget(oldest);
    }
  };
  const admit = (asked: Asked): Admitted => {
    const text = persisted.find(asked) ?? asked.query;
    if (!text)
      throw badUserInput('There is nothing to execute: send a query, or the documentId of a persisted one.', ['query']);
    const known = kept.get(text);
    const document = known ?? parse(text, { maxTokens: MAX_TOKENS });
    const { operation, others } = choose(document, asked.operationName);
    const variables = asked.variables ?? {};
    for (const one of known ? [operation] : [operation, ...others]) {
      const excess = tooMuch(schema, document, one, variables);
      if (excess) throw excess;
    }
    if (!known) {
      const errors = validate(schema, document, specifiedRules, { maxErrors: MAX_ERRORS });
      // What comes after the last is no mistake but word that the search was given up.
      if (errors.length > 0) throw new Invalid(errors.slice(0, MAX_ERRORS));
    }
    keep(text, document);
    return { document, operation, variables };
  };

  return (asked) => {
    try {
      return admit(asked);
    } catch (error) {
      if (error instanceof Invalid) return { errors: error.errors };
      // What is nested so deeply that it exhausts the stack is too much as well.
      if (error instanceof RangeError || /more tha[nt] \d+ tokens/.test(String(error))) return { errors: [tooLong()] };
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
  };
}

class Invalid extends Error {
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super();
    this.errors = errors;
  }
}

const tooLong = (): GraphQLError =>
  tooComplex(`It is nested too deeply or longer than ${MAX_TOKENS} words and marks.`, MAX_TOKENS);

function choose({ definitions }: DocumentNode, name: string | undefined) {
  const operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [operation, another] = name ? operations.filter((node) => node.name?.value === name) : operations;
  if (!operation)
    throw badUserInput(name ? `The document has no operation ${name}.` : 'The document has no operation.', [
      'operationName',
    ]);
  if (another) throw badUserInput('The document has several operations: name one in operationName.', ['operationName']);
  return { operation, others: operations.filter((node) => node !== operation) };
}
