import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { ACCOUNTS, REGION } from '../../bin/twin/layout.ts';

const FUNCTIONS = 'conveyor-';

/** How often each of Conveyor's functions has run so far, by the START lines of its log. */
export async function invocations(endpoint: URL): Promise<ReadonlyMap<string, number>> {
  const client = new LambdaClient({
    endpoint: endpoint.origin,
    region: REGION,
    credentials: { accessKeyId: ACCOUNTS.tools, secretAccessKey: 'twin' },
  });
  const counts = new Map<string, number>();
  for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
    for (const { FunctionName = '', LoggingConfig } of Functions) {
      if (!FunctionName.startsWith(FUNCTIONS)) continue;
      const group = LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
      counts.set(FunctionName.slice(FUNCTIONS.length), await starts(endpoint, group));
    }
  return counts;
}

/** FilterLogEvents by hand, as the SDK's client for it is not among the dependencies; the emulator checks no signature. */
async function starts(endpoint: URL, logGroupName: string): Promise<number> {
  const credential = `${ACCOUNTS.tools}/20260101/${REGION}/logs/aws4_request`;
  const reply = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ logGroupName, filterPattern: '"START RequestId"', limit: 10_000 }),
  });
  const answer = (await reply.json()) as { events?: unknown[]; message?: string };
  if (answer.events !== undefined) return answer.events.length;
  // Not called yet: the group is made with the first line.
  if (answer.message?.includes('does not exist')) return 0;
  throw new Error(`CloudWatch Logs answered ${reply.status}: ${answer.message}`);
}
