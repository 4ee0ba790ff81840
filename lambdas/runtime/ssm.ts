import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { InvalidConfiguration } from '../domain/errors.ts';
import { clock } from './clock.ts';

export const ssm = new SSMClient({});

/** A rotated secret holds everywhere within this time. */
const KEPT_MILLISECONDS = 300_000;
const kept = new Map<string, { readonly until: number; readonly value: Promise<string> }>();

/** A SecureString by name, read again after five minutes. Its value goes nowhere but into the adapter that asked. */
export function secret(name: string): Promise<string> {
  const now = clock.now().getTime();
  const known = kept.get(name);
  if (known !== undefined && now < known.until) return known.value;
  const value = readSecret(name).catch((error: unknown) => {
    kept.delete(name);
    throw error;
  });
  kept.set(name, { until: now + KEPT_MILLISECONDS, value });
  return value;
}

async function readSecret(name: string): Promise<string> {
  try {
    const { Parameter } = await ssm.send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    // Written from a file, it ends in a line break that no header may carry.
    const value = Parameter?.Value?.trim();
    if (value) return value;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ParameterNotFound') throw error;
  }
  throw new InvalidConfiguration(`The secret ${name} does not exist in SSM Parameter Store`, {
    data: { name },
    fix: `Run: aws ssm put-parameter --type SecureString --name ${name} --value …`,
  });
}
