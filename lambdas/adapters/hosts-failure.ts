import { ConveyorError, HostsRefused } from '../domain/errors.ts';
import { asConveyorError } from './aws-failure.ts';

/** What a call of EC2 or SSM threw, in the ports' terms. */
export function explainHosts(error: unknown, what: string): Error {
  const known = asConveyorError(error);
  if (known instanceof ConveyorError) return known;
  const data = { what, code: known.name };
  if (known.name === 'InvalidInstanceId')
    return new HostsRefused(`SSM does not reach all of these hosts: ${known.message}`, {
      data,
      cause: error,
      fix: 'Look in Fleet Manager whether their agents are online, then ask for the promotion again.',
    });
  return new HostsRefused(`AWS refused ${what}: ${known.name}: ${known.message}`, {
    data,
    cause: error,
    fix: 'Compare the rights of the deploy role with docs/reference/permissions.md.',
  });
}
