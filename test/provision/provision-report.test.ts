import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../lambdas/domain/errors.ts';
import { parseProvisionReport } from '../../lambdas/provision/provision-report.ts';
import { provisioned } from './provisioned.ts';

describe('a host’s report', () => {
  it.each([
    '',
    'exit status 1',
    '{"schema":1',
    '{"schema":2}',
    '[]',
    '{}\n{}',
    JSON.stringify({ ...provisioned, hostKey: 'ssh-rsa AAAA' }),
  ])('is not %j', (output) => {
    expect(() => parseProvisionReport('i-1', output)).toThrow(InvalidInput);
  });

  it('is one line, wherever it is from', () => {
    expect(parseProvisionReport('i-1', `${JSON.stringify(provisioned)}\n`).state).toBe('present');
  });
});
