import { HostReport } from '../domain/rollout.ts';

/** The report among what a script printed; undefined where there is none. A host may print anything. Pure. */
export function readReport(output: string): HostReport | undefined {
  for (const line of output.split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    const parsed = HostReport.safeParse(parse(line));
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
