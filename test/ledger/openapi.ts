import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

type Json = Readonly<Record<string, unknown>>;

const main = createRequire(import.meta.url).resolve('@octokit/openapi');
let description: Json | undefined;

/** GitHub's published OpenAPI, the one file of the package that is needed (13 MB of its 400). */
function github(): Json {
  description ??= JSON.parse(
    readFileSync(new URL('generated/api.github.com.json', `file://${main}`), 'utf8'),
  ) as Json;
  return description;
}

/** What in an answer is not as GitHub's OpenAPI says: required fields, types, enums. */
export function problemsWith(
  answer: unknown,
  method: string,
  path: string,
  status: number,
): string[] {
  const schema = at([
    'paths',
    path,
    method,
    'responses',
    `${status}`,
    'content',
    'application/json',
    'schema',
  ]);
  return check(answer, schema as Schema, '$');
}

function at(keys: readonly string[]): unknown {
  let value: unknown = github();
  for (const key of keys) value = (value as Json)[key];
  if (value === undefined) throw new Error(`GitHub's OpenAPI has no ${keys.join('/')}`);
  return value;
}

function check(value: unknown, schema: Schema, where: string): string[] {
  if (schema.$ref) return check(value, at(schema.$ref.slice(2).split('/')) as Schema, where);
  if (value === null && schema.nullable) return [];
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) {
    const tried = choices.map((one) => check(value, one, where));
    return tried.some((problems) => problems.length === 0) ? [] : (tried[0] ?? []);
  }
  if (schema.allOf) return schema.allOf.flatMap((one) => check(value, one, where));
  if (schema.type && !isOfType(value, schema.type)) {
    return [`${where} is not ${schema.type}: ${JSON.stringify(value)}`];
  }
  if (schema.enum && !schema.enum.includes(value)) return [`${where} is none of ${schema.enum}`];
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, index) => check(item, items, `${where}[${index}]`)) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const missing = (schema.required ?? []).filter((key) => !(key in value));
  const inner = Object.entries(schema.properties ?? {})
    .filter(([key]) => key in value)
    .flatMap(([key, one]) => check((value as Json)[key], one, `${where}.${key}`));
  return [...missing.map((key) => `${where}.${key} is missing`), ...inner];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
