import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunId } from '../../lambdas/domain/provision-run.ts';
import type { CommandToSend, HostCommands, Invocation } from '../../lambdas/ports/host-commands.ts';
import type { Hosts } from '../../lambdas/ports/hosts.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';
import { stepRun } from '../../lambdas/provision/step-run.ts';
import { instanceId } from '../fakes/memory-fleet.ts';
import { CREDENTIAL, openDesk, prod, service } from '../provision/desk.ts';
import { BOOTSTRAP_TEXT, type Host, startHost } from './provision-host.ts';

const places = hostPlaces(service);
const INSTANCE = instanceId(1);
const KEY = '/etc/ssh/ssh_host_ed25519_key';

let host: Host;
beforeAll(async () => {
  host = await startHost('http://host.docker.internal:9');
});
afterAll(async () => {
  await host?.remove();
});

/** Run Command to one real machine, which runs the document's script to its end. */
function realMachine(): Hosts & HostCommands & { readonly sent: CommandToSend[] } {
  const sent: CommandToSend[] = [];
  const told = new Map<string, Invocation>();
  return {
    sent,
    tagged: async () => [{ instance: INSTANCE, zone: 'us-east-1a', online: true }],
    async send(command) {
      sent.push(command);
      const id = `command-${sent.length}`;
      const { stdout, code } = await host.provision(command.request);
      const detail = code === 0 ? 'Success' : 'Failed';
      told.set(id, { instance: INSTANCE, ended: true, detail, output: stdout });
      return { id, to: command.instances };
    },
    find: async (comment) => {
      const n = sent.findIndex((one) => one.comment === comment);
      return n === -1 ? undefined : `command-${n + 1}`;
    },
    invocations: async (id) => [...told].flatMap(([name, one]) => (name === id ? [one] : [])),
    cancel: async () => {},
  };
}

it('what the engine asks is what the real script does: made, rotated, put back, removed', async () => {
  const desk = openDesk();
  const machine = realMachine();
  const openHosts = async () => ({ hosts: machine, commands: machine });
  const ports = { ...desk.ports, bootstrap: BOOTSTRAP_TEXT, openHosts };
  const finish = async (mode: 'plan' | 'apply' = 'apply') => {
    const run: RunId = desk.nextRun();
    for (;;) {
      const stepped = await stepRun(ports, { run, environment: prod, mode });
      if (stepped.outcome !== 'wait')
        return { outcome: stepped.outcome, ...(await desk.record(run)) };
      desk.clock.advance(stepped.seconds * 1_000);
    }
  };
  const opened = async () => JSON.parse(await host.sh(`age -d -i ${KEY} ${places.credential}`));

  desk.declare({ credential: true, port: 8080 });
  desk.putCredential();
  expect((await finish('plan')).hosts).toMatchObject([{ action: 'create', state: 'planned' }]);
  expect((await host.try(`test -e ${places.unitFile}`)).code).toBe(1);
  expect(await finish()).toMatchObject({ outcome: 'converged', hosts: [{ state: 'changed' }] });
  expect(await opened()).toEqual(CREDENTIAL);
  expect(await finish()).toMatchObject({ hosts: [{ state: 'as declared', changes: [] }] });

  desk.putCredential({ accessKeyId: 'AKIAOFTHESECONDONE00' });
  expect(await finish()).toMatchObject({
    outcome: 'converged',
    hosts: [{ changes: [{ part: places.credential, change: 'content' }] }],
  });
  expect(await opened()).toMatchObject({ accessKeyId: 'AKIAOFTHESECONDONE00' });

  await host.sh(`chmod 0777 ${places.descriptor}; echo x >>${places.unitFile}`);
  expect(await finish()).toMatchObject({ outcome: 'converged', hosts: [{ state: 'changed' }] });
  expect((await finish('plan')).hosts).toMatchObject([{ action: 'none' }]);

  desk.declare('absent');
  await host.sh(`echo kept >${places.data}/file`);
  expect(await finish()).toMatchObject({
    outcome: 'converged',
    hosts: [{ action: 'remove', keeps: [places.folder, places.user] }],
  });
  expect((await host.try(`test -e ${places.unitFile} || test -e ${places.credential}`)).code).toBe(
    1,
  );
  expect(await host.sh(`cat ${places.data}/file`)).toBe('kept\n');
  const requests = machine.sent.map(({ request }) => Buffer.from(request, 'base64').toString());
  for (const secret of [CREDENTIAL.secretAccessKey, 'AKIAOFTHESECONDONE00'])
    for (const text of requests) expect(text).not.toContain(secret);
}, 300_000);
