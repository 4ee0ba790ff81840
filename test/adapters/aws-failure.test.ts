import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import { asConveyorError } from '../../lambdas/adapters/aws-failure.ts';
import { NotFound, Unavailable } from '../../lambdas/domain/errors.ts';
import { type JsonPeer, jsonPeer, type Reply, refusal } from './json-peer.ts';

let peer: JsonPeer | undefined;
afterEach(() => peer?.close());

/** The error that a function would end with. */
async function errorAfter(reply: Reply): Promise<Error> {
  peer = await jsonPeer(reply);
  const ssm = new SSMClient(peer.client);
  const call = ssm.send(new GetParametersByPathCommand({ Path: '/conveyor' }));
  return call.then(
    () => new Error('it was answered'),
    (error: unknown) => asConveyorError(error),
  );
}

describe('what AWS did not answer, once the SDK has given up', () => {
  it.each([
    ['throttled, which is a 400 with a code of its own', refusal(400, 'ThrottlingException')],
    ['throttled by status', refusal(429, 'SomethingElse')],
    ['failed', refusal(500, 'InternalServerError')],
    ['could not be had', refusal(503, 'ServiceUnavailable')],
    ['was cut off', 'cut' as const],
  ])('is Unavailable where it %s', async (_, reply) => {
    const error = await errorAfter(reply);

    expect(error).toBeInstanceOf(Unavailable);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it.each(['AccessDeniedException', 'ValidationException', 'ParameterNotFound'])(
    'stays what it is where AWS said no: %s',
    async (code) => {
      const error = await errorAfter(refusal(400, code));

      expect(error.name).toBe(code);
      expect(error).not.toBeInstanceOf(Unavailable);
    },
  );

  it('leaves Conveyor’s own errors alone', () => {
    const own = new NotFound('there is no such release');

    expect(asConveyorError(own)).toBe(own);
  });
});
