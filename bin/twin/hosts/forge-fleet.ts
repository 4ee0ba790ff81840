import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientOf, type Host, type HostAccount, type Hosts } from './start-hosts.ts';

/** What Forge has in its accounts: both services on each machine; production in two zones. */
const FLEET: readonly { readonly account: HostAccount; readonly zones: readonly string[] }[] = [
  { account: 'dev', zones: ['us-east-1a'] },
  { account: 'qa', zones: ['us-east-1a'] },
  { account: 'prod-wealth', zones: ['us-east-1a', 'us-east-1b'] },
];

/** Looked for in everything that is told or kept; nobody but the container may have it. */
export const DAGSTER_SECRET = 'twin-secret: $(touch /tmp/spliced) `id` "quoted"';

export const DAGSTER_TAGS = { 'forge:dagster-enabled': 'true' } as const;
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
      await Promise.all(each.flat().map(installGateway));
      return [account, each.flat()] as const;
    }),
  );
  return Object.fromEntries(launched) as unknown as Fleet;
}

/** The unit and the folder of gateway, as an operator makes them. */
export async function installGateway(host: Host): Promise<void> {
  await host.shell(`mkdir -p /srv/wardnet/gateway
cat >/etc/systemd/system/wardnet-gateway.service <<'UNIT'
[Service]
ExecStart=/srv/wardnet/gateway/current/bin/serve
User=daemon
Restart=on-failure
UNIT
systemctl daemon-reload`);
}

/** What its team keeps for dagster, a secret among it. */
async function putParameters(endpoint: URL, account: HostAccount): Promise<void> {
  const ssm = new SSMClient(clientOf(endpoint, account));
  const parameters = [
    { Name: 'DAGSTER_HOME', Type: 'String', Value: '/opt/dagster' },
    { Name: 'DATABASE_PASSWORD', Type: 'SecureString', Value: `${DAGSTER_SECRET}-${account}` },
  ] as const;
  for (const { Name, Type, Value } of parameters)
    await ssm.send(
      new PutParameterCommand({
        Name: `/forge/${account}/dagster/${Name}`,
        Type,
        Value,
        Overwrite: true,
      }),
    );
}
