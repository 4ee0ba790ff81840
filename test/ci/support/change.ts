import { FILES, type Kind, load, type Mapping, type System } from './pipelines.ts';
import { walk } from './walk.ts';

/** A document that may be changed. */
export type Open = Record<string, unknown>;

/** The parsed template with one thing changed, as somebody in a hurry would change it. */
export function changed(kind: Kind, system: System, change: (document: Open) => void): Mapping {
  const document = structuredClone(load(FILES[kind][system])) as Open;
  change(document);
  return document;
}

export function step(document: Open, name: string): Open {
  for (const { value } of walk(document)) {
    const one = value as Open | null;
    if (
      typeof one === 'object' &&
      one !== null &&
      (one.displayName ?? one.name) === name &&
      one.env
    )
      return one;
  }
  throw new Error(`there is no step ${name}`);
}

export function job(document: Open, id: string): Open {
  for (const { path, value } of walk(document)) {
    const one = value as Open | null;
    if (
      typeof one === 'object' &&
      one !== null &&
      (one.job === id || path.join('.') === `jobs.${id}`)
    )
      return one;
  }
  throw new Error(`there is no job ${id}`);
}

export function rewrite(one: Open, from: string | RegExp, to: string): void {
  const holder = (one.inputs as Open | undefined)?.inlineScript ? (one.inputs as Open) : one;
  const key = ['bash', 'run', 'inlineScript'].find((name) => holder[name] !== undefined) ?? '';
  const script = String(holder[key]);
  const rewritten = script.replace(from, () => to);
  if (rewritten === script) throw new Error(`the script of the step has no ${from}`);
  holder[key] = rewritten;
}

export const addParameter = (document: Open, name: string) => {
  const call = ((document.on as Open | undefined)?.workflow_call as Open | undefined)?.inputs as
    | Open
    | undefined;
  if (call === undefined)
    (document.parameters as Open[]).push({ name, type: 'string', default: '' });
  else call[name] = { type: 'string', default: '' };
};
