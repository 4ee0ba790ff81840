import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ACCOUNTS, REGION } from './layout.ts';

/** Everything in the twin that nobody but its owner may read. Made up; good for the twin alone. */
export const SECRETS = {
  github: 'twin-github-token',
  argocd: 'twin-argocd-token',
  webhook: 'twin:a-webhook-secret-good-for-the-twin-alone',
  r2: 'twin-r2-secret',
  /** Of services on hosts; with all that a shell would act upon. */
  service: 'twin-secret: $(touch /tmp/spliced) `id` "quoted"',
} as const;

/** What `conveyor.yaml` names as secrets, as an administrator would put them. */
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
