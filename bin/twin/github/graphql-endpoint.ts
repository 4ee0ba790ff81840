import { schema as published } from '@octokit/graphql-schema';
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import type { Caller } from './credentials.ts';
import { GithubError, type GithubWorld, rootFor } from './graphql-resolvers.ts';

let built: GraphQLSchema | undefined;

/** GitHub's own published schema, whole (0.5 s). It repeats two fields, which GitHub's tools let pass and so do we. */
export function githubSchema(): GraphQLSchema {
  built ??= buildSchema(published.idl, { assumeValid: true, assumeValidSDL: true });
  return built;
}

export interface GraphqlRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** Answers a GraphQL request in GitHub's shape: 200 always, errors with `type`. */
export async function answerGraphql(
  world: GithubWorld,
  caller: Caller,
  { query, variables = {} }: GraphqlRequest,
): Promise<object> {
  const schema = githubSchema();
  const document = parse(query);
  const problems = validate(schema, document);
  if (problems.length > 0) return { errors: problems.map(describeProblem) };
  const result = await execute({
    schema,
    document,
    rootValue: rootFor(world, caller),
    variableValues: variables,
    fieldResolver: resolveKnown,
    typeResolver: (value) => (value as { __typename: string }).__typename,
  });
  return describeResult(result);
}

/** A field of the real schema that the twin does not have must not look like a null of GitHub's. */
const resolveKnown: GraphQLFieldResolver<unknown, unknown> = (source, args, _context, info) => {
  const value = (source as Record<string, unknown>)[info.fieldName];
  if (value === undefined) {
    throw new Error(`the twin's GitHub has no ${info.parentType.name}.${info.fieldName}`);
  }
  return typeof value === 'function' ? value(args) : value;
};

function describeResult({ data, errors }: ExecutionResult): object {
  return errors === undefined
    ? { data }
    : { data: data ?? null, errors: errors.map(describeError) };
}

function describeError({ message, path, locations, originalError }: GraphQLError): object {
  const type = originalError instanceof GithubError ? { type: originalError.type } : {};
  return { ...type, path, locations, message };
}

function describeProblem({ message, locations }: GraphQLError): object {
  const code = message.startsWith('Cannot query field')
    ? 'undefinedField'
    : 'argumentLiteralsIncompatible';
  return { message, locations, extensions: { code } };
}
