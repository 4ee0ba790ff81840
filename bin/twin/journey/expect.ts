import { JourneyFailed } from './watch.ts';

/** What the journey rests on. @throws JourneyFailed saying what was not so, and what was seen */
export function expect(condition: boolean, what: string, seen?: unknown): void {
  if (!condition) throw new JourneyFailed(`Not so: ${what}. Seen: ${JSON.stringify(seen)}`);
}
