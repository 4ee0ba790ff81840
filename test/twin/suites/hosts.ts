import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { awsEnvironment, type SessionCredentials } from '../../../bin/twin/child-environment.ts';
import { GATEWAY_TAGS, putParameters } from '../../../bin/twin/hosts/forge-fleet.ts';
import { buildHostService } from '../../../bin/twin/hosts/host-program.ts';
import type { Host } from '../../../bin/twin/hosts/start-hosts.ts';
import { gatewayOn } from '../../../bin/twin/journey/look-host.ts';
import { ask, ended, history, ledgerText, until } from '../../../bin/twin/journey/watch.ts';
import { SECRETS } from '../../../bin/twin/secrets.ts';
import {
  makeServiceRepository,
  type ServiceRepository,
} from '../../../bin/twin/service-repository.ts';
import type { HostsReply } from '../../../lambdas/board/contract.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import { RAJ_ON_CALL, sessionOnCall } from './on-call.ts';
import { killFunction, sweep, type Use } from './support.ts';

const FORGE = 'examples/forge/conveyor.yaml';

/** On real machines: each has a systemd and a Docker of its own. */
export function hosts(use: Use): void {
  describe('five machines', () => {
    let fleet: readonly Host[] = [];
    let repository: ServiceRepository;
    const shas = new Map<string, string>();

    beforeAll(async () => {
      const tags = { ...GATEWAY_TAGS, Name: 'five' };
      fleet = await hostsOf(use).launch({ account: 'dev', count: 5, tags });
      await putParameters(use().endpoint, 'dev');
      await ask(use(), 'raj', ['provision', 'gateway', 'dev']);
      repository = await makeServiceRepository('gateway', buildHostService);
    });
    afterAll(async () => {
      repository.remove();
      await Promise.all(fleet.map((host) => host.terminate()));
    });

    /** A commit, pushed; dev takes it by itself. */
    const release = async (text: string): Promise<Promotion> => {
      const sha = await repository.commit(text);
      shas.set(text, sha);
      await ask(use(), 'raj', ['push'], { cwd: repository.directory });
      return ended(use(), 'gateway', 'dev', sha, 240);
    };
    const host = (n: number): Host => {
      const found = fleet[n - 1];
      if (found === undefined) throw new Error(`there is no host ${n}`);
      return found;
    };
    const versions = async (...among: readonly number[]) => {
      const seen = await Promise.all(among.map(async (n) => gatewayOn(host(n))));
      for (const { version, of } of seen) expect(of).toBe(shas.get(version));
      return seen.map(({ version }) => version);
    };

    /** With credentials of dev's own account alone: no API is asked. */
    let onCall: SessionCredentials | undefined;
    const byHand = async (sha: string) => {
      onCall ??= await sessionOnCall(use());
      const args = ['ssm', 'gateway', 'dev', '--tag', sha, '--yes', '--config', FORGE];
      const env = awsEnvironment(use().endpoint, onCall);
      return ask<{ version: string }>(use(), 'raj', args, { env });
    };

    it('with three versions among them each go back to their own where one is not healthy', async () => {
      expect((await release('A')).state).toBe('promoted');
      await host(1).off();
      expect((await release('B')).state).toBe('promoted');
      await host(2).off();
      const { state, steps } = await release('C');
      expect([state, steps.hosts?.late]).toEqual(['promoted', 2]);
      await Promise.all([host(1).on(), host(2).on()]);
      expect(await versions(1, 2, 3, 4, 5)).toEqual(['A', 'B', 'C', 'C', 'C']);
      await host(5).shell('echo D >/etc/sick');

      const failed = await release('D');

      expect([failed.state, failed.cause?.code]).toEqual(['rolled back', 'HostsRestored']);
      expect(await versions(1, 2, 3, 4, 5)).toEqual(['A', 'B', 'C', 'C', 'C']);
    });

    it('of which two were off are caught up by the sweep, and the Ledger says what each one runs', async () => {
      await sweep(use(), 240);

      const caughtUp = await until(
        'the catch-up to end',
        async () =>
          (await history(use(), 'gateway', 'dev')).find(
            ({ kind, endedAt }) => kind === 'catch-up' && endedAt !== undefined,
          ),
        240,
      );

      expect(caughtUp.state).toBe('promoted');
      expect(await versions(1, 2, 3, 4, 5)).toEqual(['C', 'C', 'C', 'C', 'C']);
      const manifest = parse(await ledgerText(use(), 'manifest.dev.yaml'));
      const C = shas.get('C');
      expect(manifest.gateway).toEqual({
        version: C,
        hosts: Object.fromEntries(fleet.map(({ instance }) => [instance, C])),
      });
    });

    it('have their secret where their service reads it, and nowhere on the disk', async () => {
      const process = 'pid=$(systemctl show --value -p MainPID wardnet-gateway.service)';
      const environ = await host(3).shell(`${process}; tr '\\0' '\\n' </proc/$pid/environ`);
      expect(environ).toContain(`SIGNING_KEY=${SECRETS.service}-dev`);

      const places = '/etc/wardnet /srv/wardnet /var/lib/conveyor /var/log';
      expect(await host(3).shell(`grep -rlF 'twin-secret:' ${places} || :`)).toBe('');
    });

    it('of which one has a full disk say so, lose nothing, and are as they were', async () => {
      const releases = '/srv/wardnet/gateway/releases';
      await host(4).shell(
        `cp -a ${releases} /root/kept; mount -t tmpfs -o size=256k none ${releases}; cp -a /root/kept/. ${releases}/; cat /dev/zero >${releases}/filler 2>/dev/null || :`,
      );

      const failed = await release('F');

      expect([failed.state, failed.cause?.code]).toEqual(['rolled back', 'HostsRestored']);
      const { hosts: outcomes = [] } = failed.steps.hosts ?? {};
      expect(outcomes.find(({ instance }) => instance === host(4).instance)?.reason).toContain(
        'no space left',
      );
      await host(4).shell(`umount ${releases}`);
      expect(await versions(1, 2, 3, 4, 5)).toEqual(['C', 'C', 'C', 'C', 'C']);
    });

    it('are brought back past Conveyor, and left so by the sweep until the next release', async () => {
      const { version: back } = await byHand(shas.get('A') ?? '');
      expect(back).toBe(shas.get('A'));
      expect(await versions(1, 2, 3, 4, 5)).toEqual(['A', 'A', 'A', 'A', 'A']);

      await sweep(use(), 240);

      expect(await versions(1, 2, 3, 4, 5)).toEqual(['A', 'A', 'A', 'A', 'A']);
      const status = await ask<HostsReply>(use(), 'raj', ['status', 'gateway', 'dev']);
      expect(status.hosts.map(({ held }) => held)).toEqual(Array(5).fill(RAJ_ON_CALL));
      expect(use().inbox.mails.some(({ text }) => text.includes('put it there by hand'))).toBe(
        true,
      );
      const manifest = parse(await ledgerText(use(), 'manifest.dev.yaml'));
      expect(Object.values(manifest.gateway.hosts)).toEqual(Array(5).fill(shas.get('A')));
    });

    it('are brought back past Conveyor to nothing that their account does not hold', async () => {
      await expect(byHand('0'.repeat(40))).rejects.toThrow('ArtifactMissing');
    });

    it('whose script is killed, and whose function dies, run the release all the same', async () => {
      const pushed = release('E');
      await until('a script to run', () => killScriptOn(host(3)), 120);
      killFunction('deploy-hosts');

      const { state } = await pushed;

      expect(['promoted', 'rolled back']).toContain(state);
      const seen = await versions(1, 2, 3, 4, 5);
      expect(seen).toEqual(
        state === 'promoted' ? ['E', 'E', 'E', 'E', 'E'] : ['A', 'A', 'A', 'A', 'A'],
      );
    });
  });
}

async function killScriptOn(host: Host): Promise<true | undefined> {
  // The brackets keep the pattern from matching the shell that it is given to.
  const script = 'pkill -9 -f "every host script o[f] Conveyor" && echo killed || :';
  return (await host.shell(script)).includes('killed') ? true : undefined;
}

function hostsOf(use: Use) {
  const { hosts } = use();
  if (hosts === undefined) throw new Error('This machine has no hosts: bin/twin/hosts/docker.ts');
  return hosts;
}
