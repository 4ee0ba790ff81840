import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { InvalidConfiguration } from '../domain/errors.ts';

export const ssm = new SSMClient({});

const KEPT = new Map<string, Promise<string>>();

/** A SecureString by name, read once an environment's life. Its value goes nowhere but into the adapter that asked. */
export function secret(name: string): Promise<string> {
  const kept = KEPT.get(name);
  if (kept !== undefined) return kept;
  const reading = readSecret(name).catch((error: unknown) => {
    KEPT.delete(name);
    throw error;
  });
  KEPT.set(name, reading);
  return reading;
}

async function readSecret(name: string): Promise<string> {
  try {
    const { Parameter } = await ssm.send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    if (Parameter?.Value) return Parameter.Value;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ParameterNotFound') throw error;
  }
  throw new InvalidConfiguration(`The secret ${name} does not exist in SSM Parameter Store`, {
    data: { name },
    fix: `Run: aws ssm put-parameter --type SecureString --name ${name} --value …`,
  });
}
