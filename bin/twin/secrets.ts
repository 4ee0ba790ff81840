import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ACCOUNTS, REGION } from './layout.ts';

/** What `conveyor.yaml` names as secrets, as an administrator would put them. Made up; good for the twin alone. */
export async function putSecrets(
  endpoint: URL,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const ssm = new SSMClient({
    endpoint: endpoint.origin,
    region: REGION,
    credentials: { accessKeyId: ACCOUNTS.tools, secretAccessKey: 'twin' },
  });
  await Promise.all(
    Object.entries(secrets).map(([Name, Value]) =>
      ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: true })),
    ),
  );
}
