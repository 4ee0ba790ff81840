import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Step } from '../deploy.ts';
import { type Fleet, launchFleet } from '../hosts/forge-fleet.ts';
import { buildHostService, hostProgram } from '../hosts/host-program.ts';
import type { HostAccount, Hosts } from '../hosts/start-hosts.ts';
import { makeServiceRepository } from '../service-repository.ts';
import type { Twin } from '../start-twin.ts';
import { pushSample } from '../use-twin.ts';
import { expect } from './expect.ts';
import type { Note } from './look.ts';
import { allRun, dagsterOn, gatewayOn } from './look-host.ts';
import { ledgerVersion } from './look-tarball.ts';
import { answer, ask, conveyor, ended, linkFor, until, waitingIn } from './watch.ts';

interface Desk {
  readonly twin: Twin;
  readonly fleet: Fleet;
  readonly step: Step;
  readonly note: Note;
}

/**
 * The whole way of a compose service and of a systemd service onto machines: dev, qa, and production by another's approval, read
 * back at each machine's console; then a release that is not healthy, after which every machine is where it was.
 */
export async function runHostJourney(
  twin: Twin,
  hosts: Hosts,
  step: Step,
  note: Note,
): Promise<void> {
  const fleet = await step('start machines in three accounts', () =>
    launchFleet(twin.endpoint, hosts),
  );
  const desk = { twin, fleet, step, note };
  try {
    await composeJourney(desk);
    await systemdJourney(desk);
  } finally {
    await Promise.all(
      Object.values(fleet).flatMap((machines) => machines.map((one) => one.terminate())),
    );
  }
}

async function composeJourney({ twin, fleet, step, note }: Desk): Promise<void> {
  const push = async (version: string, behaviour: 'healthy' | 'sick') =>
    pushSample(twin.endpoint, 'dagster', version, await hostProgram(version, behaviour));
  const digest = await step('push dagster 201', () => push('201', 'healthy'));
  const of = new RegExp(`forge/dagster@${digest}$`);
  const right = { version: '201', of };
  await step('dev takes dagster 201 by itself', async () => {
    promoted(await ended(twin, 'dagster', 'dev', '201', 120));
    await allRun(fleet.dev, dagsterOn, right);
  });
  await step('promote dagster 201 into qa', async () => {
    promoted(await promote(twin, 'raj', 'dagster', 'qa', '201'));
    await allRun(fleet.qa, dagsterOn, right);
  });
  await step('promote dagster 201 into prod-wealth, approved by another', async () => {
    const asked = promote(twin, 'ana', 'dagster', 'prod-wealth', '201');
    await approve(twin, 'dagster');
    promoted(await asked);
    await allRun(fleet['prod-wealth'], dagsterOn, right);
  });
  note('dagster 201 on every host', `${digest.slice(0, 19)}… runs, read at each console`);

  await step('push dagster 202, which is not healthy', async () => {
    await push('202', 'sick');
    undone(await ended(twin, 'dagster', 'dev', '202', 300));
    await allRun(fleet.dev, dagsterOn, right);
  });
  await said(twin, 'dagster', 'dev', '201');
  note('dagster 202 in dev', 'rolled back: the host runs 201 again, and the Ledger says 201');

  await step('push dagster 203, while the host cannot reach the registry', async () => {
    const [host] = fleet.dev;
    await host?.shell(
      `sed 's/^127.0.0.1\\(.*dkr.ecr\\)/127.0.0.9\\1/' /etc/hosts >/tmp/hosts; cat /tmp/hosts >/etc/hosts`,
    );
    await push('203', 'healthy');
    undone(await ended(twin, 'dagster', 'dev', '203', 300));
    await allRun(fleet.dev, dagsterOn, right);
    await host?.shell(
      `sed 's/^127.0.0.9/127.0.0.1/' /etc/hosts >/tmp/hosts; cat /tmp/hosts >/etc/hosts`,
    );
  });
  await step('promote dagster 203 into dev, now that it can', async () => {
    promoted(await promote(twin, 'raj', 'dagster', 'dev', '203'));
    await allRun(fleet.dev, dagsterOn, { version: '203', of: /forge\/dagster@sha256:/ });
  });
}

async function systemdJourney({ twin, fleet, step, note }: Desk): Promise<void> {
  const repository = await makeServiceRepository('gateway', buildHostService);
  const where = { cwd: repository.directory };
  const push = async (text: string) => {
    const sha = await repository.commit(text);
    await ask(twin, 'raj', ['push'], where);
    return sha;
  };
  const deploy = async (environment: HostAccount, sha: string, person: 'raj' | 'ana' = 'raj') => {
    const args = ['deploy', 'gateway', environment, '--sha', sha, '--timeout', '5m'];
    return (await ask<{ promotion: Promotion }>(twin, person, args, where)).promotion;
  };
  try {
    await step('provision the machines for gateway', async () => {
      for (const environment of ['dev', 'qa', 'prod-wealth'])
        await ask(twin, 'raj', ['provision', 'gateway', environment]);
    });
    const sha = await step('push gateway', () => push('one'));
    const right = { version: 'one', of: new RegExp(`^${sha}$`) };
    await step('deploy gateway into dev and qa', async () => {
      for (const environment of ['dev', 'qa'] as const) {
        promoted(await deploy(environment, sha));
        await allRun(fleet[environment], gatewayOn, right);
      }
    });
    await step('deploy gateway into prod-wealth, approved by another', async () => {
      const asked = deploy('prod-wealth', sha, 'ana');
      await approve(twin, 'gateway');
      promoted(await asked);
      await allRun(fleet['prod-wealth'], gatewayOn, right);
    });
    note(`gateway ${sha.slice(0, 7)} on every host`, 'runs, read at each console');

    const other = await step('push gateway again, not healthy', () => push('sick'));
    await step('deploy it into dev', async () => {
      const args = ['deploy', 'gateway', 'dev', '--sha', other, '--timeout', '5m', '--json'];
      const { code, stdout } = await conveyor(twin, 'raj', args, where);
      expect(code !== 0, 'CI is told', stdout);
      undone(await ended(twin, 'gateway', 'dev', other, 300));
      await allRun(fleet.dev, gatewayOn, right);
    });
    await said(twin, 'gateway', 'dev', sha);
    note(`gateway ${other.slice(0, 7)} in dev`, `rolled back: the host runs ${sha.slice(0, 7)}`);
  } finally {
    repository.remove();
  }
}

async function promote(
  twin: Twin,
  person: 'raj' | 'ana',
  service: string,
  environment: HostAccount,
  version: string,
): Promise<Promotion> {
  const args = ['promote', service, environment, '--version', version, '--wait'];
  const { promotion } = await ask<{ promotion: Promotion }>(twin, person, [
    ...args,
    ...['--reason', 'journey', '--timeout', '5m'],
  ]);
  return promotion;
}

async function approve(twin: Twin, service: string): Promise<void> {
  const { id } = await until('the approval to be asked for', () =>
    waitingIn(twin, service, 'prod-wealth'),
  );
  const reply = await answer(await linkFor(twin, 'li', id), 'approve');
  expect(reply.status === 200, 'the page takes the approval', reply.status);
}

function promoted(promotion: Promotion): void {
  expect(promotion.state === 'promoted', `${promotion.version} is promoted`, promotion);
}

function undone(promotion: Promotion): void {
  expect(promotion.state === 'rolled back', `${promotion.version} is rolled back`, promotion);
}

async function said(twin: Twin, service: string, environment: string, version: string) {
  const seen = await ledgerVersion(twin, service, environment);
  expect(String(seen) === version, `the Ledger says ${version}`, seen);
}
