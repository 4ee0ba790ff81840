/**
 * The template expressions of Azure Pipelines that our templates use, and no others: names, texts, `eq`, `ne`, `replace`,
 * `split`. Whatever else a template begins to use must be taught here first, or its tests stop.
 * https://learn.microsoft.com/azure/devops/pipelines/process/expressions
 */
export type Scope = Readonly<Record<string, unknown>>;

const TOKEN = /\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w.]*)|([(),]))/y;

type Token = { readonly text: string } | { readonly name: string } | { readonly mark: string };

function tokens(source: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.trimEnd().length) {
    const match = TOKEN.exec(source);
    if (match === null) throw new Error(`cannot read the expression ${source}`);
    const [, text, name, mark] = match;
    if (text !== undefined) found.push({ text: text.replaceAll("''", "'") });
    else if (name !== undefined) found.push({ name });
    else found.push({ mark: mark ?? '' });
  }
  return found;
}

const same = (one: unknown, other: unknown) =>
  String(one).toLowerCase() === String(other).toLowerCase();

const FUNCTIONS: Readonly<Record<string, (...given: unknown[]) => unknown>> = {
  eq: same,
  ne: (one, other) => !same(one, other),
  replace: (text, what, by) => String(text).replaceAll(String(what), String(by)),
  split: (text, by) => String(text).split(String(by)),
};

/** @throws Error for what is not known: a name, a function, or a form of expression. */
export function evaluate(source: string, scope: Scope): unknown {
  const rest = tokens(source);
  const value = term(rest, scope);
  if (rest.length > 0) throw new Error(`cannot read the end of the expression ${source}`);
  return value;
}

function term(rest: Token[], scope: Scope): unknown {
  const token = rest.shift();
  if (token !== undefined && 'text' in token) return token.text;
  if (token === undefined || !('name' in token)) throw new Error('an expression ends too early');
  const next = rest[0];
  if (next === undefined || !('mark' in next) || next.mark !== '(') return look(token.name, scope);

  const call = FUNCTIONS[token.name];
  if (call === undefined) throw new Error(`the function ${token.name} is not known here`);
  rest.shift();
  const given: unknown[] = [];
  for (;;) {
    given.push(term(rest, scope));
    const mark = rest.shift();
    if (mark === undefined || !('mark' in mark)) throw new Error(`${token.name}( is not closed`);
    if (mark.mark === ')') return call(...given);
  }
}

function look(name: string, scope: Scope): unknown {
  let value: unknown = scope;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
      throw new Error(`the name ${name} is not known here`);
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
