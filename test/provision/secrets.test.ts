import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../lambdas/domain/errors.ts';
import { provision } from '../../lambdas/provision/provision.ts';
import { ProvisionInput } from '../../lambdas/provision/provision-input.ts';
import { StatesError } from '../simulation/asl/errors.ts';
import { runCase } from '../simulation/asl/run-case.ts';
import type { Loop } from '../simulation/loop.ts';
import { definitions } from '../statemachines/definitions.ts';
import { CREDENTIAL, openDesk, TAG } from './desk.ts';

const { name: _, ...machine } = definitions.find(({ name }) => name === 'provision') ?? {
  name: '',
};
const SECRETS = [CREDENTIAL.secretAccessKey, CREDENTIAL.accessKeyId];

/** The text itself, and all that is base64 within it, however deep. */
function layers(text: string): string[] {
  const inner = (text.match(/[A-Za-z0-9+/]{24,}={0,2}/g) ?? []).map((word) =>
    Buffer.from(word, 'base64').toString('latin1'),
  );
  const deeper = inner.filter((one) => /^[\x20-\x7e\n]+$/.test(one)).flatMap(layers);
  return [text, ...inner, ...deeper];
}

const shows = (text: string) =>
  layers(text).some((layer) => SECRETS.some((secret) => layer.includes(secret)));

/** A run by the real machine, and all that anybody could look at afterwards. */
async function looked(change: (desk: ReturnType<typeof openDesk>) => void) {
  const desk = openDesk();
  desk.scaffolds.add(TAG);
  desk.scaffolds.add(TAG);
  desk.declare({ credential: true });
  desk.putCredential();
  change(desk);
  const data: unknown[] = [];
  const errors: string[] = [];
  let time: Loop | undefined;
  const { status, states, output } = await runCase(
    machine,
    { environment: 'prod' },
    {
      name: 'run-of-the-machine',
      onExecution: (_, __, loop) => {
        time = loop;
      },
      invoke: async (_, payload) => {
        data.push(payload);
        desk.clock.advance(5_000);
        try {
          // What encrypts is another thread.
          const work = provision(desk.ports, ProvisionInput.parse(payload));
          const result = await (time?.elsewhere(work) ?? work);
          data.push(result);
          return result;
        } catch (error) {
          const { name, message, stack } = error as Error;
          errors.push(`${name} ${message} ${stack} ${JSON.stringify(error)}`);
          const cause = { errorType: name, errorMessage: message };
          throw new StatesError(name, JSON.stringify(cause));
        }
      },
    },
  );
  return {
    desk,
    status,
    states,
    seen: {
      'state data': JSON.stringify([data, output]),
      'errors, as they are logged': errors.join('\n'),
      'the table': JSON.stringify(desk.table.contents),
      'what is published': JSON.stringify([...desk.parameters.published.values()]),
      'what Run Command keeps': JSON.stringify(desk.scaffolds.sent),
    },
  };
}

describe('a credential (T9)', () => {
  it('is found by this search wherever it is in plain, or encoded', () => {
    const once = Buffer.from(JSON.stringify(CREDENTIAL)).toString('base64');
    const twice = Buffer.from(JSON.stringify({ parts: [{ contentBase64: once }] })).toString(
      'base64',
    );

    for (const text of [JSON.stringify(CREDENTIAL), once, `{"request":"${twice}"}`])
      expect(shows(text)).toBe(true);
    expect(shows('nothing of it')).toBe(false);
  });

  it.each<[string, (desk: ReturnType<typeof openDesk>) => void]>([
    ['all goes well', () => {}],
    ['hosts fail', ({ scaffolds }) => scaffolds.hosts[0]?.faults.push('killed', 'full', 'busy')],
    [
      'AWS does not answer',
      ({ scaffolds }) => {
        let left = 3;
        scaffolds.beforeSend = () => {
          left -= 1;
          if (left >= 0) throw new Unavailable('AWS did not answer');
        };
      },
    ],
    [
      'it is mistyped',
      ({ parameters }) =>
        parameters.credentials.set('prod/relay', `${JSON.stringify(CREDENTIAL)}x`),
    ],
    [
      'it is another service’s',
      ({ parameters }) =>
        parameters.credentials.set(
          'prod/relay',
          JSON.stringify({ ...CREDENTIAL, service: 'other' }),
        ),
    ],
  ])('is nowhere but at its host, sealed, when %s', async (_, change) => {
    const { seen, desk } = await looked(change);

    for (const [where, text] of Object.entries(seen)) expect(shows(text), where).toBe(false);
    expect(desk.table.contents.length).toBeGreaterThan(2);
  });
});

describe('the machine', () => {
  it('goes on until the run has ended, and ends as it did', async () => {
    const { status, states, desk } = await looked(() => {});

    expect([status, states.at(-1)]).toEqual(['SUCCEEDED', 'Provisioned']);
    expect(desk.scaffolds.hosts.every(({ parts }) => parts.size > 5)).toBe(true);
  });

  it('fails where hosts are not as declared, which rings the alarm', async () => {
    const { status, states } = await looked(({ scaffolds }) =>
      scaffolds.hosts[0]?.faults.push('full', 'full', 'full'),
    );

    expect([status, states.at(-1)]).toEqual(['FAILED', 'Not as declared']);
  });

  it('that can go on with nothing ends the run, so that the next may go', async () => {
    const { status, states, desk } = await looked((desk) => {
      desk.scaffolds.beforeSend = () => {
        throw new Unavailable('AWS did not answer');
      };
    });

    expect([status, states.slice(-2)]).toEqual(['FAILED', ['Record failure', 'Not as declared']]);
    desk.scaffolds.beforeSend = () => {};
    expect((await desk.finish()).outcome).toBe('converged');
  });

  it.each([
    ['/conveyor/provision/prod/relay', 'prod'],
    ['/conveyor/credentials/prod-wealth/relay', 'prod-wealth'],
  ])('reads the environment in the name of what has changed: %s', (parameter, environment) => {
    expect(ProvisionInput.parse({ run: 'x', parameter })).toMatchObject({
      environment,
      mode: 'apply',
    });
  });

  it.each([
    '/conveyor/provision/prod',
    '/conveyor/github/prod/x',
    '/x',
    '',
    '/conveyor/provision/P/x',
  ])('takes no other parameter: %j', (parameter) => {
    expect(ProvisionInput.safeParse({ run: 'x', parameter }).success).toBe(false);
  });
});
