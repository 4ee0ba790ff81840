import { readdirSync, readFileSync } from 'node:fs';

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: Readonly<Record<string, unknown>>;
  readonly TimeoutSeconds?: unknown;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Default?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly ItemProcessor?: States & { readonly ProcessorConfig?: { readonly Mode?: string } };
}

export interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: unknown;
  readonly QueryLanguage?: string;
}

export interface Definition extends States {
  readonly name: string;
}

export const definitions: readonly Definition[] = readdirSync('statemachines')
  .filter((file) => file.endsWith('.asl.json'))
  .map((file) => ({
    name: file.replace('.asl.json', ''),
    ...JSON.parse(readFileSync(`statemachines/${file}`, 'utf8')),
  }));

/** The definition's own states and those within its maps, each set with where it starts. */
export function scopes(states: States): States[] {
  const inner = Object.values(states.States).flatMap(({ ItemProcessor }) =>
    ItemProcessor ? scopes(ItemProcessor) : [],
  );
  return [states, ...inner];
}

export function everyState(states: States): [string, State][] {
  return scopes(states).flatMap((scope) => Object.entries(scope.States));
}

export function nextOf({ Next, Default, Choices = [], Catch = [] }: State): string[] {
  const all = [Next, Default, ...Choices.map((one) => one.Next), ...Catch.map((one) => one.Next)];
  return all.filter((next) => next !== undefined);
}
