import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { TableProvisionRuns } from '../../lambdas/adapters/table-provision-runs.ts';
import { TableProvisionTurns } from '../../lambdas/adapters/table-provision-turns.ts';
import { desiredState } from '../../lambdas/domain/desired-state.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { EnvironmentName, ServiceName } from '../../lambdas/domain/names.ts';
import { RunId } from '../../lambdas/domain/provision-run.ts';
import type { ProvisionPorts, Stepped } from '../../lambdas/provision/provision-ports.ts';
import { stepRun } from '../../lambdas/provision/step-run.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryProvisioning } from '../fakes/memory-provisioning.ts';
import { MemoryScaffolds } from '../fakes/memory-scaffolds.ts';
import { MemoryTable } from '../fakes/memory-table.ts';
import { type Tap, tapped } from '../fakes/tapped.ts';
import { relay, shop } from '../promote/shop.ts';

export const TAG = 'wardnet:relay=true';
export const prod = EnvironmentName.parse('prod');
export const service = ServiceName.parse(relay);
export const BOOTSTRAP = '#!/bin/sh\nexec true\n';

/** Keys take a while to make, and any will do. */
const KEYS = await Promise.all(
  Array.from({ length: 8 }, async () => identityToRecipient(await generateX25519Identity())),
);

export const CREDENTIAL = {
  schema: 1,
  service: relay,
  environment: 'prod',
  accessKeyId: 'AKIAOFTHECREDENTIAL0',
  secretAccessKey: 'the/secret+key/of/the/credential/012345',
} as const;

/** Hosts of one service, and provisioning that shall bring them to what is declared. */
export function openDesk(tap: Tap = {}) {
  const clock = new FixedClock('2026-03-01T12:00:00.000Z');
  const table = new MemoryTable();
  const parameters = new MemoryProvisioning();
  const scaffolds = new MemoryScaffolds(clock, (n) => KEYS[n % KEYS.length] ?? '');
  const tappedHosts = tapped('hosts', scaffolds, tap);
  const ports: ProvisionPorts = {
    runs: tapped('runs', new TableProvisionRuns(table), tap),
    turns: tapped('turns', new TableProvisionTurns(table), tap),
    provisioning: tapped('provisioning', parameters, tap),
    clock,
    bootstrap: BOOTSTRAP,
    openHosts: async (environment) =>
      environment === prod ? { hosts: tappedHosts, commands: tappedHosts } : undefined,
  };
  let runs = 0;
  const nextRun = () => {
    runs += 1;
    return RunId.parse(`run-${runs}`);
  };

  return {
    clock,
    table,
    parameters,
    scaffolds,
    ports,
    nextRun,
    /** What `cdk deploy` would write. */
    declare(provision: object | 'absent', name: string = relay) {
      const config = shop({}, [relay], { systemd: { hosts: TAG, provision } });
      const desired = desiredState(config, service, prod, digestOf(BOOTSTRAP));
      const text = JSON.stringify({ ...desired, service: name });
      parameters.declared.set(`prod/${name}`, text);
    },
    undeclare: (name: string = relay) => parameters.declared.delete(`prod/${name}`),
    putCredential(more: object = {}) {
      parameters.credentials.set(`prod/${relay}`, JSON.stringify({ ...CREDENTIAL, ...more }));
    },
    step: (run: RunId, mode: 'plan' | 'apply' = 'apply') =>
      stepRun(ports, { run, environment: prod, mode }),
    /** Steps until it has ended, with all the waiting in between. */
    async finish(run: RunId = nextRun(), mode: 'plan' | 'apply' = 'apply', most = 200) {
      for (let n = 0; n < most; n++) {
        const stepped: Stepped = await this.step(run, mode);
        if (stepped.outcome !== 'wait') return { outcome: stepped.outcome, run };
        clock.advance(stepped.seconds * 1_000);
      }
      throw new Error(`${most} steps did not end it`);
    },
    async record(run: RunId) {
      const found = await ports.runs.find(prod, run);
      if (found === undefined) throw new Error(`no run ${run}`);
      const { services, batches } = await ports.runs.parts(found.value);
      return { ...found.value, services, hosts: batches.flatMap(({ value }) => value.hosts) };
    },
    /** Requests as the hosts got them, decoded. */
    requests: () =>
      scaffolds.sent.map(({ command }) => ({
        ...command,
        asked: JSON.parse(Buffer.from(command.request, 'base64').toString('utf8')),
      })),
  };
}
