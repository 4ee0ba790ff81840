import { afterAll, beforeAll } from 'vitest';
import { fingerprintCredential } from '../../lambdas/provision/credential.ts';
import type { HostKey } from '../../lambdas/provision/host-key.ts';
import { type PlanRow, planProvision } from '../../lambdas/provision/plan-provision.ts';
import { openParameterStore, type ParameterStore, ROLE } from './provision-aws.ts';
import {
  type Apply,
  applyRequest,
  credentialOf,
  type declare,
  FINGERPRINT_KEY,
  requestFor,
} from './provision-declared.ts';
import { type Host, startHost, until } from './provision-host.ts';

/** A host and the parameters of its account, for all tests of a file; what tests do with both. */
export function useProvisionDesk() {
  let store: ParameterStore;
  let host: Host;
  let hostKey: HostKey;

  beforeAll(async () => {
    store = await openParameterStore([ROLE, { ...credentialOf('orders'), sessionToken: '' }]);
    host = await startHost(store.endpoint);
    const { report } = await host.provision(requestFor('observe', 'orders'));
    if (report.hostKey === undefined) throw new Error(report.reason);
    hostKey = report.hostKey;
  });
  afterAll(async () => {
    await host?.remove();
    await store?.close();
  });

  const property = async (service: string, name: string) =>
    (await host.sh(`systemctl show -p ${name} --value wardnet-${service}`)).trim();

  return {
    get store() {
      return store;
    },
    get host() {
      return host;
    },
    get hostKey() {
      return hostKey;
    },
    property,
    apply: async (...[declared, more]: Parameters<typeof applyRequest>) =>
      host.provision(await applyRequest(declared, more)),
    /** The plan for what is on the host now. */
    async planned(
      declared: ReturnType<typeof declare>,
      { credential }: Apply = {},
    ): Promise<PlanRow> {
      const { service } = declared.descriptor;
      const { report } = await host.provision(requestFor('observe', service));
      const fingerprint = credential && fingerprintCredential(credential, FINGERPRINT_KEY);
      const [row] = planProvision({
        service,
        declared,
        ...(fingerprint !== undefined && { fingerprint }),
        hosts: [{ host: host.name, report }],
      });
      if (row === undefined) throw new Error('no row');
      return row;
    },
    /** Starts it, as a deployment would, and says which process became the service. */
    async started(service: string): Promise<string> {
      await host.sh(`systemctl start wardnet-${service}`);
      const pid = await property(service, 'MainPID');
      await until(`${service} runs as its user`, async () => {
        const { stdout } = await host.try(`tr '\\0' ' ' </proc/${pid}/cmdline`);
        return stdout.includes('/bin/start');
      }).catch(async (error) => {
        const journal = await host.sh(`journalctl -u wardnet-${service} --no-pager`);
        throw new Error(journal, { cause: error });
      });
      return pid;
    },
    environmentOf: async (pid: string) =>
      Object.fromEntries(
        Buffer.from(await host.sh(`base64 -w0 /proc/${pid}/environ`), 'base64')
          .toString()
          .split('\0')
          .filter((pair) => pair !== '')
          .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      ),
  };
}
