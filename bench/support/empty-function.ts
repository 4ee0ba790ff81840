import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { ACCOUNTS, REGION } from '../../bin/twin/layout.ts';
import { zipOne } from './zip-one.ts';

const NAME = 'bench-empty';

/** A function that does nothing, in the emulator's tools account: what is left is the emulator's own time. */
export async function deployEmptyFunction(endpoint: URL): Promise<() => Promise<void>> {
  const client = new LambdaClient({
    endpoint: endpoint.origin,
    region: REGION,
    credentials: { accessKeyId: ACCOUNTS.tools, secretAccessKey: 'twin' },
  });
  await client.send(
    new CreateFunctionCommand({
      FunctionName: NAME,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${ACCOUNTS.tools}:role/bench-empty`,
      Code: { ZipFile: zipOne('index.mjs', 'export const handler = async () => ({});') },
    }),
  );
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 30 }, { FunctionName: NAME });
  return async () => {
    const reply = await client.send(new InvokeCommand({ FunctionName: NAME, Payload: '{}' }));
    if (reply.FunctionError !== undefined) throw new Error(`the empty function failed`);
  };
}
