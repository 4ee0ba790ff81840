import type { States } from '../asl/definition.ts';

/** Which ways between states were taken, and what else came about. */
export class Coverage {
  readonly taken = new Map<string, number>();

  add(machine: string, from: string | undefined, to: string): void {
    this.note(wayOf(machine, from, to));
  }

  note(way: string): void {
    this.taken.set(way, (this.taken.get(way) ?? 0) + 1);
  }
}

function wayOf(machine: string, from: string | undefined, to: string): string {
  return `${machine}: ${from ?? '·'} → ${to}`;
}

/** Every way that a definition has. */
export function waysOf(machine: string, { StartAt, States }: States): string[] {
  const within = Object.entries(States).flatMap(([name, state]) => {
    const next = [
      'Next' in state ? state.Next : undefined,
      ...('Choices' in state ? [...state.Choices.map((rule) => rule.Next), state.Default] : []),
      ...('Catch' in state ? state.Catch.map((catcher) => catcher.Next) : []),
    ].flatMap((to) => to ?? []);
    const inner =
      state.Type === 'Map'
        ? waysOf(machine, state.ItemProcessor)
        : state.Type === 'Parallel'
          ? state.Branches.flatMap((branch) => waysOf(machine, branch))
          : [];
    return [...next.map((to) => wayOf(machine, name, to)), ...inner];
  });
  return [...new Set([wayOf(machine, undefined, StartAt), ...within])];
}
