import { gunzipSync } from 'node:zlib';
import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { ConveyorConfig } from '../domain/config.ts';
import { digestOf } from '../domain/digest.ts';
import { Unavailable } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';

/** A change of policy holds everywhere within this time. */
const KEPT_MILLISECONDS = 5_000;

/** The configuration as `infra` stored it; read again after five seconds, so that running executions see a change. */
export function configReader(
  ssm: SSMClient,
  path: string,
  clock: Clock,
): () => Promise<ConveyorConfig> {
  let kept:
    | { readonly at: number; readonly hash: string; readonly config: ConveyorConfig }
    | undefined;
  return async () => {
    const now = clock.now().getTime();
    if (kept !== undefined && now - kept.at < KEPT_MILLISECONDS) return kept.config;
    const parts = await readParts(ssm, path);
    const hash = parts[0]?.hash;
    const whole =
      parts.length > 0 &&
      parts.length >= (parts[0]?.of ?? 0) &&
      parts.slice(0, parts[0]?.of).every((part, n) => part.hash === hash && part.n === n);
    if (!whole || hash === undefined)
      throw new Unavailable(`The configuration under ${path} is being changed, or is incomplete`, {
        fix: 'Run cdk deploy again if this stays.',
      });
    if (kept?.hash === hash) kept = { ...kept, at: now };
    else kept = { at: now, hash, config: unpack(parts.map((part) => part.data).join(''), hash) };
    return kept.config;
  };
}

async function readParts(ssm: SSMClient, path: string) {
  const parts: { hash: string; n: number; of: number; data: string }[] = [];
  let next: string | undefined;
  do {
    const page = await ssm.send(new GetParametersByPathCommand({ Path: path, NextToken: next }));
    for (const parameter of page.Parameters ?? []) {
      const [hash = '', n, of, data = ''] = (parameter.Value ?? '').split(' ');
      parts.push({ hash, n: Number(n), of: Number(of), data });
    }
    next = page.NextToken;
  } while (next !== undefined);
  return parts.sort((a, b) => a.n - b.n);
}

function unpack(packed: string, hash: string): ConveyorConfig {
  const json = gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
  if (digestOf(json) !== hash)
    throw new Unavailable('The stored configuration is not what its hash promises');
  // Parsed and checked where it was written; the hash says that it is the same.
  return JSON.parse(json) as ConveyorConfig;
}
