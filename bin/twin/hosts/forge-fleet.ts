import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { SECRETS } from '../secrets.ts';
import { clientOf, type Host, type HostAccount, type Hosts } from './start-hosts.ts';

/** What Forge has in its accounts: both services on each machine; production in two zones. */
const FLEET: readonly { readonly account: HostAccount; readonly zones: readonly string[] }[] = [
  { account: 'dev', zones: ['us-east-1a'] },
  { account: 'qa', zones: ['us-east-1a'] },
  { account: 'prod-wealth', zones: ['us-east-1a', 'us-east-1b'] },
];

const DAGSTER_TAGS = { 'forge:dagster-enabled': 'true' } as const;
export const GATEWAY_TAGS = { 'wardnet:gateway-enabled': 'true' } as const;

export type Fleet = Readonly<Record<HostAccount, readonly Host[]>>;

/** Starts Forge's machines, with the tags and the parameters that `examples/forge/conveyor.yaml` names. */
export async function launchFleet(endpoint: URL, hosts: Hosts): Promise<Fleet> {
  await Promise.all(FLEET.map(({ account }) => putParameters(endpoint, account)));
  const launched = await Promise.all(
    FLEET.map(async ({ account, zones }) => {
      const each = await Promise.all(
        zones.map((zone, n) =>
          hosts.launch({
            account,
            zone,
            tags: { Name: `${account}-${n + 1}`, ...DAGSTER_TAGS, ...GATEWAY_TAGS },
          }),
        ),
      );
      return [account, each.flat()] as const;
    }),
  );
  return Object.fromEntries(launched) as unknown as Fleet;
}

/** What its team keeps for both, secrets among it. */
export async function putParameters(endpoint: URL, account: HostAccount): Promise<void> {
  const ssm = new SSMClient(clientOf(endpoint, account));
  const parameters = [
    { Name: 'dagster/DAGSTER_HOME', Type: 'String', Value: '/opt/dagster' },
    {
      Name: 'dagster/DATABASE_PASSWORD',
      Type: 'SecureString',
      Value: `${SECRETS.service}-${account}`,
    },
    { Name: 'gateway/signing-key', Type: 'SecureString', Value: `${SECRETS.service}-${account}` },
  ] as const;
  for (const { Name, Type, Value } of parameters)
    await ssm.send(
      new PutParameterCommand({
        Name: `/forge/${account}/${Name}`,
        Type,
        Value,
        Overwrite: true,
      }),
    );
}
