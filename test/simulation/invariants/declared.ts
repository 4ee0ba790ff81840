import { createHmac } from 'node:crypto';
import type {
  ProvisionBatch,
  PublishedTarget,
  ServiceRun,
} from '../../../lambdas/domain/provision-run.ts';
import type { Declared } from '../world/provision-side.ts';
import type { SimHost } from '../world/sim-host.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';
import { reachable, turnOf } from './provision.ts';

const unitFileOf = (service: string) => `/etc/systemd/system/wardnet-${service}.service`;
const descriptorOf = (service: string) => `/etc/wardnet/services/${service}/descriptor.yaml`;
const credentialOf = (service: string) => `/etc/wardnet/services/${service}/credential.age`;

type Content = NonNullable<Declared['provision']>;

/** What of a declaration is not in what is on a host; undefined where all of it is. */
function missing(
  texts: ReadonlyMap<string, string>,
  service: string,
  { variables, unit }: Content,
): string | undefined {
  if (!texts.get(descriptorOf(service))?.includes(`${variables.MARK}"`)) return 'its descriptor';
  return texts.get(unitFileOf(service))?.includes(`Description=${unit.description}\n`)
    ? undefined
    : 'its unit';
}

/** How a host differs from what is declared of it; undefined where it does not. */
function differs(
  world: World,
  { scaffold }: SimHost,
  { service, environment, provision }: Declared,
): string | undefined {
  const { parts, texts, records, enabled, key } = scaffold;
  const left = [unitFileOf, descriptorOf, credentialOf]
    .map((pathOf) => pathOf(service))
    .find((path) => parts.has(path));
  if (provision === undefined) return left && `${left} is still there`;
  const wrong = missing(texts, service, provision);
  if (wrong !== undefined) return `${wrong} is another`;
  if (!enabled.has(service)) return 'its unit is not enabled';
  const isSealed = parts.has(credentialOf(service));
  if (!provision.credential) return isSealed ? 'its credential is still there' : undefined;
  const { parameters } = world.provisioning;
  const text = parameters.credentials.get(`${environment}/${service}`) ?? '';
  const secret = parameters.keys.get(environment) ?? '';
  const record = records.get(service) as { fingerprint?: string; hostKey?: string } | undefined;
  const fingerprint = `hmac-sha256:${createHmac('sha256', secret).update(text).digest('hex')}`;
  if (!isSealed || record?.fingerprint !== fingerprint) return 'its credential is another';
  return record.hostKey === key ? undefined : 'its credential is sealed to another key';
}

interface Parts {
  readonly services: readonly ServiceRun[];
  readonly batches: readonly ProvisionBatch[];
}

/** What the table says of a run. */
function partsOf({ table }: World, environment: string, run: string): Parts {
  const { plan } =
    table.peek<{ plan?: string }>({ pk: `V#${environment}`, sk: `R#${run}` })?.value ?? {};
  const pk = `V#${environment}#${run}#${plan}`;
  return {
    services: table.peekAll<ServiceRun>(pk, 'S#').map(({ value }) => value),
    batches: table.peekAll<ProvisionBatch>(pk, 'B#').map(({ value }) => value),
  };
}

/** What the last run said that somebody has to do about a service first. */
function problemOf(world: World, { environment, service }: Declared): string | undefined {
  const { last } = turnOf(world, environment) ?? {};
  if (last === undefined) return undefined;
  const { services } = partsOf(world, environment, last.run);
  return services.find((one) => one.service === service)?.problem;
}

/** Nobody can do anything about a credential that nobody has put there. */
function lacksCredential({ provisioning }: World, { environment, service, provision }: Declared) {
  const isThere = provisioning.parameters.credentials.has(`${environment}/${service}`);
  return provision?.credential === true && !isThere;
}

export const endsAsDeclared: Invariant = {
  name: 'once nothing goes wrong any more, every host that can be reached is as it was declared last, or people were told',
  watch: (world, broken) => ({
    atEnd() {
      for (const one of world.provisioning.standing) {
        const { environment, service, provision } = one;
        const problem = problemOf(world, one);
        if (lacksCredential(world, one)) {
          if (!problem?.includes('credential')) broken(`${service} has none, and nobody was told`);
          continue;
        }
        if (problem !== undefined) broken(`${service} in ${environment} is told as ${problem}`);
        for (const host of reachable(world, environment)) {
          const wrong = differs(world, host, one);
          if (wrong !== undefined)
            broken(`${host.instance}: of ${service} in ${environment}, ${wrong}`);
        }
        const isThere = world.provisioning.parameters.published.has(
          `/conveyor/targets/${environment}/${service}`,
        );
        if (isThere !== (provision !== undefined))
          broken(`${service} in ${environment} is ${isThere ? 'still' : 'not'} published`);
      }
    },
  }),
};

export const publishedIsSeen: Invariant = {
  name: 'what is published of a service is what its hosts were seen to have',
  watch: (world, broken) => ({
    onEffect({ port, method, args }) {
      if (port !== 'parameters' || method !== 'publish') return;
      const { environment, service, folder, unit, instances } = args[0] as PublishedTarget;
      if (folder !== `/srv/wardnet/${service}` || unit !== `wardnet-${service}.service`)
        broken(`${service} is published at ${folder}, ${unit}`);
      const { run = '' } = turnOf(world, environment) ?? {};
      const { services, batches } = partsOf(world, environment, run);
      const provision = services.find((one) => one.service === service)?.desired?.provision;
      const asked = batches
        .filter((batch) => batch.service === service)
        .flatMap(({ hosts }) => hosts.map(({ instance }) => instance));
      if (asked.length !== instances) broken(`${service} is published on ${instances} hosts`);
      if (typeof provision !== 'object') throw broken(`${service} is published, and is to be gone`);
      const hosts = world.fleets[environment]?.hosts ?? [];
      for (const { instance, scaffold } of hosts.filter((host) => asked.includes(host.instance))) {
        const seen = scaffold.looked.get(service)?.texts ?? new Map();
        const wrong = missing(seen, service, provision);
        if (wrong !== undefined) broken(`${instance} was not seen to have ${wrong} of ${service}`);
      }
    },
  }),
};

/** A text as it is, and as it is within base64, wherever in it it begins. */
function formsOf(secret: string): string[] {
  const within = [0, 1, 2].map((before) => {
    const text = Buffer.from(' '.repeat(before) + secret).toString('base64');
    return text.slice(before === 0 ? 0 : 4, -4);
  });
  return [secret, ...within];
}

export const credentialsAreSealed: Invariant = {
  name: 'a credential is nowhere but at its host, sealed',
  watch(world, broken) {
    const { provisioning } = world;
    const look = (where: string, text: string) => {
      for (const { name, secret } of provisioning.credentials)
        if (formsOf(secret).some((form) => text.includes(form)))
          broken(`the credential of ${name} is in ${where}`);
    };
    return {
      onEffect({ port, method, args }) {
        if (!/^(scaffolds|hosts)\./.test(port) || method !== 'send') return;
        const { request } = args[0] as { request: string };
        look('a command', Buffer.from(request, 'base64').toString('utf8'));
      },
      atEnd() {
        if (provisioning.credentials.length === 0) return;
        const executions = [...provisioning.executions, ...world.promotes.all, ...world.sweeps];
        const data = executions.map(({ input, output, error, cause }) => [
          input,
          output,
          error,
          cause,
        ]);
        look('state data', JSON.stringify(data));
        look('the table', JSON.stringify(world.table.contents));
        look('a notice', JSON.stringify(world.notices.sent));
        look('what is published', JSON.stringify([...provisioning.parameters.published]));
        look('the trace', world.trace.join('\n'));
      },
    };
  },
};
