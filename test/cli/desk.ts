import { afterAll, beforeAll, beforeEach } from 'vitest';
import { cannedReplies } from './canned.ts';
import { type FakeApi, startFakeApi } from './fake-api.ts';
import { awsEnv } from './run.ts';

/** One API with canned replies for the tests of a file; before each, everything goes well again. */
export function useFakeApi(): { readonly api: FakeApi } {
  const desk = {} as { api: FakeApi };
  beforeAll(async () => {
    desk.api = await startFakeApi();
    // The AWS SDK reads its own from the process.
    Object.assign(process.env, awsEnv(desk.api));
  });
  afterAll(() => desk.api.close());
  beforeEach(() => cannedReplies(desk.api));
  return desk;
}
