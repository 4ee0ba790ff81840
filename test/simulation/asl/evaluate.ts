import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { type Random, seeded } from '../random.ts';
import { StatesError } from './errors.ts';

export interface Surroundings {
  readonly random: Random;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type Expression = ReturnType<typeof jsonata>;
const compiled = new Map<string, Expression>();
/** An expression that would never end is an error, too: by depth, which is the same each time, and at last by time. */
const BOUNDS = { stack: 500, timeout: 10_000 };
const OWN_FUNCTION = /\$(partition|range|hash|random|uuid|parse|eval|now|millis)\b/;
const DELIMITED = /^\{%([\s\S]*)%\}$/;

/**
 * A value of a definition with every `{% … %}` in it evaluated ("Transforming data with JSONata", Step Functions guide): only
 * a string that is an expression from end to end is one.
 * @throws StatesError States.QueryEvaluationError, also where an expression comes to nothing
 */
export async function evaluate(
  value: unknown,
  bindings: Readonly<Record<string, unknown>>,
  around: Surroundings,
): Promise<unknown> {
  if (typeof value === 'string') {
    const source = DELIMITED.exec(value)?.[1];
    return source === undefined ? value : query(source, bindings, around);
  }
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await evaluate(item, bindings, around));
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const object: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value))
    object[key] = await evaluate(item, bindings, around);
  return object;
}

async function query(
  source: string,
  bindings: Readonly<Record<string, unknown>>,
  around: Surroundings,
): Promise<unknown> {
  let result: unknown;
  try {
    const expression = compiled.get(source) ?? jsonata(source, BOUNDS);
    compiled.set(source, expression);
    const extra = OWN_FUNCTION.test(source) ? { ...functions(around), ...bindings } : bindings;
    result = await expression.evaluate(undefined, { ...extra });
  } catch (error) {
    const { message = String(error) } = error as { message?: string };
    throw new StatesError(
      'States.QueryEvaluationError',
      `The JSONata expression '${source.trim()}' threw an error: ${message}`,
    );
  }
  if (result === undefined)
    throw new StatesError(
      'States.QueryEvaluationError',
      `The JSONata expression '${source.trim()}' returned nothing (undefined).`,
    );
  return asJson(result, source);
}

/** "A JSONata string that evaluates to a JSON text": functions and what is no finite number are none. A copy without JSONata's marks. */
function asJson(result: unknown, source: string): unknown {
  if (typeof result === 'string' || typeof result === 'boolean' || result === null) return result;
  const isFunction =
    typeof result === 'function' ||
    (typeof result === 'object' && '_jsonata_lambda' in (result ?? {}));
  if (isFunction || (typeof result === 'number' && !Number.isFinite(result)))
    throw new StatesError(
      'States.QueryEvaluationError',
      `The JSONata expression '${source.trim()}' returned what is no JSON.`,
    );
  if (typeof result !== 'object') return result;
  if (Array.isArray(result)) return result.map((item) => asJson(item ?? null, source));
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(result ?? {}))
    if (value !== undefined) copy[key] = asJson(value, source);
  return copy;
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** What Step Functions adds to JSONata, and takes from it; integers are rounded down ("JSONata functions provided by Step Functions"). */
function functions({ random, now }: Surroundings): Record<string, unknown> {
  return {
    partition: (items: unknown[], size: number) => {
      const width = Math.floor(size);
      if (!(width > 0)) throw new Error('$partition: the size must be positive');
      const parts: unknown[][] = [];
      for (let at = 0; at < items.length; at += width) parts.push(items.slice(at, at + width));
      return parts;
    },
    range: (...numbersGiven: number[]) => {
      const [first = 0, last = 0, step = 0] = numbersGiven.map(Math.floor);
      if (step === 0) throw new Error('$range: the step must not be 0');
      const numbers: number[] = [];
      for (let n = first; step > 0 ? n <= last : n >= last; n += step) numbers.push(n);
      return numbers;
    },
    hash: (content: unknown, algorithm: string) => {
      const name = HASHES[algorithm];
      if (name === undefined) throw new Error(`$hash: there is no algorithm ${algorithm}`);
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      return createHash(name).update(text).digest('hex');
    },
    random: (seed?: number) =>
      seed === undefined ? random.next() : seeded(Math.floor(seed)).next(),
    uuid: () => {
      const hex = Array.from({ length: 32 }, () => random.below(16).toString(16));
      hex[12] = '4';
      hex[16] = '89ab'[random.below(4)] ?? '8';
      return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
    parse: (text: string) => JSON.parse(text),
    eval: () => {
      throw new Error('$eval is not supported');
    },
    now: (...picture: unknown[]) => {
      if (picture.some((part) => part !== undefined))
        throw new Error('$now with a picture is not simulated');
      return new Date(now).toISOString();
    },
    millis: () => now,
  };
}
