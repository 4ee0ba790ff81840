import type { Outcome, StateJson } from '../case.ts';

/** Something of the language that the twin's engine does otherwise than AWS. */
export interface Otherwise {
  readonly construct: string;
  /** What the engine does instead. */
  readonly does: string;
  /** Whether a state of our own machines uses it: then the twin would show what AWS does not do. */
  readonly inState?: (state: StateJson) => boolean;
  readonly inMachine?: (machine: { readonly TimeoutSeconds?: unknown }) => boolean;
  /** Where a definition need not be without it, or does not show it: why that is no matter. */
  readonly because?: string;
  /** What the engine was seen to do, by subject and case; a change of it fails the twin's suite. */
  readonly observed: Readonly<Record<string, Readonly<Record<string, Outcome>>>>;
}

/** It came to an end, with this. */
export const gave = (output: unknown): Outcome => ({ status: 'SUCCEEDED', output });
export const took = (from: number, output: unknown): Outcome => ({
  ...gave(output),
  lasts: { from },
});
export const failed = (error: string): Outcome => ({ status: 'FAILED', error });

/** Every expression within a value, with its delimiters. */
export function expressionsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('{%') ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(expressionsIn);
}

/** A state's own fields, without the states within it. */
export function ownFields({ ItemProcessor: _, Branches: __, ...own }: StateJson): StateJson {
  return own;
}

interface Scope {
  readonly States: Readonly<Record<string, StateJson>>;
}

/** Every state of a definition, those within maps and branches too. */
export function everyState({ States }: Scope): StateJson[] {
  return Object.values(States).flatMap((state) => {
    const { ItemProcessor, Branches = [] } = state as { ItemProcessor?: Scope; Branches?: Scope[] };
    return [state, ...[...(ItemProcessor ? [ItemProcessor] : []), ...Branches].flatMap(everyState)];
  });
}

/** Every Assign of a state: its own, and those of its rules and catchers. */
export function assigns(state: StateJson): Readonly<Record<string, unknown>>[] {
  const parts = [state, ...list(state.Choices), ...list(state.Catch)];
  return parts.map(({ Assign = {} }) => Assign as Readonly<Record<string, unknown>>);
}

const list = (value: unknown) => (value ?? []) as readonly StateJson[];
