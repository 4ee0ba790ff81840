import { describe, expect, it } from 'vitest';
import { readFailure } from '../../lambdas/promote/read-failure.ts';

const AGAIN = 'Ask for the promotion again; what is done already is not done twice.';

describe('a failure', () => {
  it('is told in the words of whoever threw it', () => {
    const cause = JSON.stringify({ errorType: 'Conflict', errorMessage: 'somebody was first' });

    expect(readFailure({ step: 'copy', error: 'Conflict', cause })).toEqual({
      step: 'copy',
      error: 'Conflict',
      message: 'somebody was first',
      fix: AGAIN,
    });
  });

  it.each([
    ['a cause that is plain text', 'out of memory', 'out of memory'],
    ['JSON of another shape', '{"message":"x"}', '{"message":"x"}'],
    ['JSON without a type', '{"errorMessage":"x"}', 'x'],
    ['no cause', undefined, 'States.Timeout'],
    ['an empty cause', '', 'States.Timeout'],
  ])('is read from %s', (_, cause, message) => {
    expect(readFailure({ step: 'copy', error: 'States.Timeout', cause }).message).toBe(message);
  });

  it('is no longer than a record can bear', () => {
    const { message } = readFailure({ step: 'copy', error: 'x', cause: 'y'.repeat(3_000) });

    expect(message).toBe('y'.repeat(2_000));
  });

  it.each([
    ['DigestConflict', 'Tags are never moved'],
    ['DigestMismatch', 'Trust neither side'],
    ['RepositoryMissing', 'Create the repository'],
    ['ArtifactMissing', 'Build again'],
    ['StoreRefused', 'what the bucket refused'],
    ['RegistryRefused', 'ConveyorDeployRole'],
    ['HostsRefused', 'Fleet Manager'],
    ['HostsFailed', 'Look at the hosts'],
    ['HostsRestored', 'correct the release'],
    ['LedgerInvalid', 'Correct the manifest'],
    ['LedgerConflict', 'Look at who changed it'],
    ['LedgerRefused', 'Renew the Ledger’s credentials'],
    ['InvalidInput', 'Correct what is named above'],
    ['InvalidConfiguration', 'Correct conveyor.yaml'],
    ['NotFound', 'Put back what is missing'],
  ])('of the kind %s needs somebody’s hand: %s', (error, hand) => {
    expect(readFailure({ step: 'copy', error }).fix).toContain(hand);
  });

  it.each(['RegistryUnavailable', 'Unavailable', 'States.Timeout'])(
    'of the kind %s needs only to be asked for again',
    (error) => {
      expect(readFailure({ step: 'copy', error }).fix).toBe(AGAIN);
    },
  );

  it('of a kind that every object has a member for is one like any other', () => {
    expect(readFailure({ step: 'copy', error: 'constructor' }).fix).toBe(AGAIN);
  });
});
