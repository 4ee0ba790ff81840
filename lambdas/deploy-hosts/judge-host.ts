import type { HostOutcome, HostReport, InstanceId } from '../domain/rollout.ts';

export interface Wanted {
  readonly service: string;
  readonly version: string;
  readonly digest: string;
}

/**
 * What became of a host, by what it runs when it is asked afterwards. How its command ended plays no part: a script may end
 * well over the old version, and SSM may give up a host that did change (amazon-ssm-agent#316). Pure.
 * @param seen what the host said when asked; undefined where it did not answer
 * @param told why the deploy script said that it failed, or how SSM says that it ended
 */
export function judgeHost(
  instance: InstanceId,
  wanted: Wanted,
  seen: HostReport | undefined,
  told = '',
): HostOutcome {
  if (seen === undefined || seen.service !== wanted.service)
    return { instance, state: 'unknown', reason: sentence('does not answer', told) };
  const runs = {
    ...(seen.version !== undefined && { version: seen.version }),
    ...(seen.digest !== undefined && { digest: seen.digest }),
  };
  const isWanted = seen.version === wanted.version && seen.digest === wanted.digest;
  if (isWanted && seen.state === 'running' && seen.health !== 'failed')
    return { instance, state: 'promoted', ...runs };
  const what = isWanted
    ? 'runs it, but not well'
    : seen.version === undefined
      ? 'runs nothing'
      : `still runs ${seen.version}`;
  return { instance, state: 'failed', ...runs, reason: sentence(what, told || seen.reason) };
}

/** Records and pages keep what can be read. */
function sentence(what: string, why: string): string {
  const text = why === '' ? what : `${what}: ${why}`;
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}
