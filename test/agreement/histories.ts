import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  GetExecutionHistoryCommand,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { type HistoryEvent, TOKEN } from './history.ts';

export const FOLDER = fileURLToPath(new URL('histories/', import.meta.url));

/** The history of one execution, as the twin had it. */
export interface Golden {
  readonly machine: 'promote' | 'sweep';
  readonly events: readonly HistoryEvent[];
}

export function goldenHistories(): readonly (Golden & { readonly name: string })[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      name: file.replace('.json', ''),
      ...JSON.parse(readFileSync(`${FOLDER}${file}`, 'utf8')),
    }));
}

/** Every execution of one of our machines that there was so far. */
export async function allHistories(
  sfn: SFNClient,
  stateMachineArn: string,
): Promise<{ readonly execution: string; readonly events: readonly HistoryEvent[] }[]> {
  const found: { execution: string; events: readonly HistoryEvent[] }[] = [];
  for await (const { executions = [] } of paginateListExecutions(
    { client: sfn },
    { stateMachineArn },
  ))
    for (const { executionArn, name = '' } of executions) {
      const { events = [] } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
      );
      found.push({ execution: name, events });
    }
  return found;
}

/** What a replay needs of the events, in plain JSON, without tokens and trace lines of functions. */
export function trimmed(events: readonly HistoryEvent[]): HistoryEvent[] {
  const { parse, stringify } = JSON;
  return events
    .filter(({ type = '' }) => !/StateExited$/.test(type))
    .map((event) => {
      const { timestamp: _, ...kept } = parse(stringify(event)) as Record<string, unknown>;
      const details = kept.stateEnteredEventDetails as { name?: string } | undefined;
      if (details) kept.stateEnteredEventDetails = { name: details.name };
      const scheduled = kept.taskScheduledEventDetails as Record<string, string> | undefined;
      if (scheduled) scheduled.parameters = withoutTokens(scheduled.parameters ?? '{}');
      return kept as HistoryEvent;
    });
}

function withoutTokens(parameters: string): string {
  return JSON.stringify(JSON.parse(parameters), (key, value) => (key === 'token' ? TOKEN : value));
}
