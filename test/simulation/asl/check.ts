import jsonata from 'jsonata';
import type { Catcher, State, States } from './definition.ts';

type Parts = Readonly<Record<string, unknown>>;
const LONGEST_NAME = 80;
const WITH_RESULT = ['Task', 'Map', 'Parallel'];

/** What CreateStateMachine refuses of a definition whose fields are right: each as a sentence. */
export function problemsOf(
  scope: States,
  outer: readonly string[] = [],
  at = 'the machine',
): string[] {
  const own = Object.values(scope.States).flatMap(assignedBy);
  return [
    ...(Object.hasOwn(scope.States, scope.StartAt)
      ? []
      : [`${at} starts at ${scope.StartAt}, which is not there`]),
    ...own
      .filter((name) => outer.includes(name))
      .map((name) => `${at} assigns ${name}, which belongs to an outer scope`),
    ...(own.includes('states') ? [`${at} assigns $states`] : []),
    ...Object.entries(scope.States).flatMap(([name, state]) => [
      ...ofState(name, state, scope).map((problem) => `${name}: ${problem}`),
      ...within(state).flatMap((inner) => problemsOf(inner, [...outer, ...own], name)),
    ]),
  ];
}

const within = (state: State): readonly States[] =>
  state.Type === 'Map' ? [state.ItemProcessor] : state.Type === 'Parallel' ? state.Branches : [];

const catchersOf = (state: State): readonly Catcher[] => ('Catch' in state ? state.Catch : []);

function assignedBy(state: State): string[] {
  const rules = state.Type === 'Choice' ? state.Choices : catchersOf(state);
  return [state as { Assign?: unknown }, ...rules].flatMap(({ Assign }) =>
    Object.keys(Assign ?? {}),
  );
}

function ofState(name: string, state: State, { States }: States): string[] {
  const found: string[] = [];
  if (name.length > LONGEST_NAME) found.push(`its name is longer than ${LONGEST_NAME}`);
  if ('Choices' in state || state.Type === 'Succeed' || state.Type === 'Fail') {
    // These lead on by rules, or not at all.
  } else if ((state.Next === undefined) === (state.End === undefined))
    found.push('it needs one of Next and End');
  for (const next of nextOf(state))
    if (!Object.hasOwn(States, next)) found.push(`it leads to ${next}, which is not there`);
  if (state.Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined))
    found.push('it needs one of Seconds and Timestamp');
  if ('Retry' in state) found.push(...wildcards(state.Retry), ...wildcards(state.Catch));
  const { Catch, ItemProcessor: _, Branches: __, ...rest } = state as Parts;
  found.push(...expressions(rest, [], state.Type));
  found.push(...expressions({ Catch }, [], state.Type));
  return found;
}

function nextOf(state: State): string[] {
  if (state.Type === 'Choice') {
    const all = [...state.Choices.map(({ Next }) => Next), state.Default];
    return all.filter((next) => next !== undefined);
  }
  const own = 'Next' in state && state.Next !== undefined ? [state.Next] : [];
  return [...own, ...catchersOf(state).map(({ Next }) => Next)];
}

/** "Such a value MUST appear alone … and MUST appear in the last". */
function wildcards(rules: readonly { readonly ErrorEquals: readonly string[] }[]): string[] {
  return rules.flatMap(({ ErrorEquals }, at) => {
    if (!ErrorEquals.includes('States.ALL')) return [];
    if (ErrorEquals.length > 1) return ['States.ALL is not alone'];
    return at < rules.length - 1 ? ['States.ALL is not last'] : [];
  });
}

function expressions(value: unknown, path: readonly string[], type: string): string[] {
  if (typeof value === 'string') return ofText(value, path, type);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => key !== 'Comment')
    .flatMap(([key, inner]) => expressions(inner, [...path, key], type));
}

function ofText(text: string, path: readonly string[], type: string): string[] {
  const [opened, closed] = [text.startsWith('{%'), text.endsWith('%}')];
  const where = path.join('/');
  if (opened !== closed) return [`${where} is an expression that is not delimited as it must be`];
  if (!opened) return [];
  const [first = '', second = '', third = ''] = path;
  const leaves = (field: string) => field === 'Output' || field === 'Assign';
  const found: string[] = [];
  if (/\$states\.result\b/.test(text) && !(WITH_RESULT.includes(type) && leaves(first)))
    found.push(`${where} cannot read $states.result`);
  if (/\$states\.errorOutput\b/.test(text) && !(first === 'Catch' && second && leaves(third)))
    found.push(`${where} cannot read $states.errorOutput`);
  try {
    jsonata(text.slice(2, -2));
  } catch (error) {
    found.push(`${where} is no JSONata: ${(error as Error).message}`);
  }
  return found;
}
