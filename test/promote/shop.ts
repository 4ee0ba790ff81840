import { ConveyorConfig } from '../../lambdas/domain/config.ts';
import {
  EnvironmentName,
  PersonName,
  RepositoryName,
  ServiceName,
} from '../../lambdas/domain/names.ts';

/** What a test may say otherwise of an environment, or of how one of the services below runs on hosts. */
export type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export const payments = ServiceName.parse('payments');
export const orders = ServiceName.parse('orders');
/** The one that is built as a tarball. */
export const relay = ServiceName.parse('relay');
/** A tarball as well, always in R2. Only who names it has it. */
export const resolver = ServiceName.parse('resolver');
/** An image that docker compose runs on hosts. Only who names it has it. */
export const dagster = ServiceName.parse('dagster');
/** A tarball that systemd runs on hosts. Only who names it has it. */
export const beacon = ServiceName.parse('beacon');
/** By their names. */
export const isTarball = (name: string) => [relay, resolver, beacon].some((one) => one === name);
/** What the manifest of an environment names, in the place of a file of its own. */
export const isInManifest = (name: string) => isTarball(name) || name === dagster;
export const dev = EnvironmentName.parse('dev');
export const qa = EnvironmentName.parse('qa');
export const prod = EnvironmentName.parse('prod');
export const repository = (service: string) => RepositoryName.parse(`shop/${service}`);

export const accounts = { dev: '222222222222', qa: '333333333333', prod: '444444444444' } as const;
const REGION = 'us-east-1';
const PEOPLE = ['ana', 'li', 'tom', 'mei', 'raj'] as const;
export const [ana, li, tom, mei, raj] = PEOPLE.map((name) => PersonName.parse(name)) as [
  PersonName,
  PersonName,
  PersonName,
  PersonName,
  PersonName,
];

export const principalOf = (person: string) =>
  `arn:aws:sts::111111111111:assumed-role/person-${person}/${person}`;

const COMPOSE_FILE = 'hosts/dagster.yaml';
const ARGOCD = { argocd: { path: 'envs/{environment}/{service}.yaml' } };

const R2 = {
  account: '3f4b7e3dcab231cbfdaa90a6a28bd548',
  bucket: 'shop-releases',
  accessKeyId: '/shop/r2/id',
  secretAccessKey: '/shop/r2/key',
  webhook: ['/shop/r2/webhook'],
};

/** Where CI puts tarballs. */
export type Tarballs = 's3' | 'r2';

const service = (name: string, target: object, tarball: Tarballs, change: object = {}) => ({
  artifact: isTarball(name)
    ? { tarball: name === resolver ? 'r2' : tarball }
    : { image: repository(name) },
  stages: ['dev', 'qa', 'prod'],
  target: targetOf(name, target, change),
});

function targetOf(name: string, target: object, change: object): object {
  const hosts = `shop:${name}=true`;
  if (name === beacon) return { systemd: { hosts, ...change } };
  if (name === dagster)
    return { compose: { hosts, file: COMPOSE_FILE, folder: '/srv/shop/dagster', ...change } };
  return isTarball(name) && !('systemd' in target) ? { store: {} } : target;
}

/** Two services over three accounts: dev by itself and in order, qa on request, prod with one approval of three people. */
export function shop(
  changes: Changes = {},
  services: readonly string[] = ['payments', 'orders'],
  target: object = ARGOCD,
  tarballs: Tarballs = 's3',
): ConveyorConfig {
  const environments: Record<string, object> = {
    dev: { account: accounts.dev, promotion: 'auto', strategy: 'every' },
    qa: { account: accounts.qa, approval: { approvers: 'leads', required: false } },
    prod: {
      account: accounts.prod,
      approval: { approvers: 'engineers' },
      argocd: { sync: 'manual' },
    },
  };
  return ConveyorConfig.parse({
    apiVersion: 'conveyor/v1',
    tools: { account: '111111111111', region: REGION },
    ledger: { github: { owner: 'shop', repository: 'platform', auth: { token: '/shop/token' } } },
    people: Object.fromEntries(
      PEOPLE.map((name) => [
        name,
        { name, email: `${name}@shop.example`, principals: [principalOf(name)] },
      ]),
    ),
    groups: { engineers: ['ana', 'li', 'tom'], leads: ['mei'] },
    environments: Object.fromEntries(
      Object.entries(environments).map(([name, environment]) => [
        name,
        { region: REGION, ...environment, ...changes[name] },
      ]),
    ),
    ...((tarballs === 'r2' || services.includes(resolver)) && { releaseStore: { r2: R2 } }),
    services: Object.fromEntries(
      services.map((name) => [name, service(name, target, tarballs, changes[name])]),
    ),
  });
}

/** The Ledger as it is before anything was promoted. */
export function seededLedger(
  tarballs: readonly string[] = ['payments', 'orders', 'relay'],
): Record<string, string> {
  return Object.fromEntries([
    ...(tarballs.includes(dagster) ? [[COMPOSE_FILE, 'services: {}\n']] : []),
    ...['dev', 'qa', 'prod'].flatMap((environment) => [
      ...['payments', 'orders'].map((name) => [
        `envs/${environment}/${name}.yaml`,
        `image:\n  tag: "0" # set by Conveyor\nreplicas: 2\n`,
      ]),
      [
        `manifest.${environment}.yaml`,
        tarballs.map((name) => `${name}:\n  version: "0"\n`).join(''),
      ],
    ]),
  ]);
}
