import { evaluate, type Scope } from './expression.ts';

interface Parameter {
  readonly name: string;
  readonly default?: string;
  readonly values?: readonly string[];
}

type Mapping = Readonly<Record<string, unknown>>;

/**
 * What Azure Pipelines makes of a template when a pipeline extends it with these parameters, before anything runs.
 *
 * @throws Error as Azure refuses the run: a parameter that does not exist, is missing, or is not in its list.
 */
export function expandTemplate(
  template: Mapping,
  given: Readonly<Record<string, string>>,
): Mapping {
  const declared = (template.parameters ?? []) as readonly Parameter[];
  const unknown = Object.keys(given).filter((name) => !declared.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`there is no parameter ${unknown.join(', ')}`);

  const parameters = Object.fromEntries(
    declared.map(({ name, default: preset, values }) => {
      const value = given[name] ?? preset;
      if (value === undefined) throw new Error(`the parameter ${name} must be given`);
      if (values !== undefined && !values.includes(value))
        throw new Error(`the parameter ${name} must be one of ${values.join(', ')}`);
      return [name, value];
    }),
  );
  const { parameters: _, ...rest } = template;
  return expand(rest, { parameters }) as Mapping;
}

const WHOLE = /^\$\{\{(.*)\}\}$/s;
const PARTS = /\$\{\{(.*?)\}\}/gs;
const EACH = /^each (\w+) in (.*)$/s;

function expand(node: unknown, scope: Scope): unknown {
  if (typeof node === 'string') return expandText(node, scope);
  if (Array.isArray(node)) return node.flatMap((item) => expandItem(item, scope));
  if (typeof node === 'object' && node !== null) return expandMapping(node as Mapping, scope);
  return node;
}

function expandText(text: string, scope: Scope): unknown {
  const whole = WHOLE.exec(text)?.[1];
  if (whole !== undefined && !whole.includes('}}')) return evaluate(whole, scope);
  return text.replace(PARTS, (_, source: string) => String(evaluate(source, scope)));
}

/** One item of a list, or those that an `if` or `each` in its place stands for. */
function expandItem(item: unknown, scope: Scope): unknown[] {
  const [key, ...others] = typeof item === 'object' && item !== null ? Object.keys(item) : [];
  const source = key === undefined || others.length > 0 ? undefined : WHOLE.exec(key)?.[1]?.trim();
  if (key === undefined || source === undefined) return [expand(item, scope)];

  const inner = (item as Mapping)[key];
  const [, name, list] = EACH.exec(source) ?? [];
  if (name !== undefined && list !== undefined)
    return (evaluate(list, scope) as unknown[]).flatMap(
      (value) => expand(inner, { ...scope, [name]: value }) as unknown[],
    );
  return holds(source, scope) ? (expand(inner, scope) as unknown[]) : [];
}

function expandMapping(mapping: Mapping, scope: Scope): Mapping {
  return Object.fromEntries(
    Object.entries(mapping).flatMap(([key, value]) => {
      const source = WHOLE.exec(key)?.[1]?.trim();
      if (source === undefined) return [[key, expand(value, scope)]];
      return holds(source, scope) ? Object.entries(expand(value, scope) as Mapping) : [];
    }),
  );
}

function holds(source: string, scope: Scope): boolean {
  const condition = /^if (.*)$/s.exec(source)?.[1];
  if (condition === undefined) throw new Error(`${source} is not known here`);
  return evaluate(condition, scope) === true;
}
